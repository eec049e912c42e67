// On the page around the frame: <iframe data-handrail src=".../embed"> grows with the chat. Listens to that server only.
(() => {
  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement)) return;
  const server = new URL(script.src).origin;
  const frames = (): HTMLIFrameElement[] => [...document.querySelectorAll<HTMLIFrameElement>("iframe[data-handrail]")];

  document.addEventListener(
    "load",
    (event) => {
      const frame = event.target;
      if (frame instanceof HTMLIFrameElement && frame.matches("[data-handrail]"))
        frame.contentWindow?.postMessage({ type: "handrail:hello" }, server);
    },
    true,
  );
  window.addEventListener("message", ({ origin, source, data }) => {
    const frame = frames().find((one) => one.contentWindow === source);
    if (origin !== server || !frame) return;
    if (data?.type === "handrail:size" && Number.isFinite(data.height)) {
      const most = Math.max(360, window.innerHeight * 0.8);
      frame.style.height = `${Math.min(Math.max(data.height, 240), most)}px`;
    }
    if (data?.type === "handrail:exit" && /^https?:\/\//.test(data.url)) location.replace(data.url);
  });
})();
