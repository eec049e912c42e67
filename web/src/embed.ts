// Inside the frame: tells the page around it how tall the chat is, and that someone left. Only to origins that the server allows.
(() => {
  const chat = document.querySelector("handrail-chat");
  if (!chat || window.parent === window) return;
  const allowed = new Set([location.origin, ...(document.body.dataset.origins ?? "").split(" ").filter(Boolean)]);
  let parentOrigin = "";
  let sent = 0;

  const tell = (message: object): void => {
    if (parentOrigin) window.parent.postMessage(message, parentOrigin);
  };
  const size = (): void => {
    const height = Math.ceil(chat.getBoundingClientRect().height);
    if (height !== sent) tell({ type: "handrail:size", height });
    sent = parentOrigin ? height : 0;
  };
  const meet = (origin: string | undefined): void => {
    if (!origin || !allowed.has(origin)) return;
    parentOrigin = origin;
    sent = 0;
    size();
  };

  window.addEventListener("message", (event) => {
    if (event.source === window.parent && event.data?.type === "handrail:hello") meet(event.origin);
  });
  chat.addEventListener("handrail-exit", (event) => {
    tell({ type: "handrail:exit", url: (event as CustomEvent<{ url: string }>).detail.url });
  });
  new ResizeObserver(size).observe(chat);
  meet(location.ancestorOrigins?.[0] ?? (document.referrer ? new URL(document.referrer).origin : undefined));
})();
