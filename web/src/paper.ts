// Copying and printing, also where the clipboard needs a permission that a frame or a plain http page does not have.
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const box = document.createElement("textarea");
    const focused = deepActive();
    box.value = text;
    document.body.append(box);
    box.select();
    const done = document.execCommand("copy");
    box.remove();
    focused?.focus({ preventScroll: true });
    return done;
  }
}

let printed: HTMLIFrameElement | null = null;

/** Leave nothing of what was printed. */
export function clearPrinted(): void {
  printed?.remove();
  printed = null;
}

/** Print `text` alone, whatever else is on the page. */
export function print(title: string, text: string, lang: string): void {
  const frame = document.createElement("iframe");
  frame.title = title;
  frame.tabIndex = -1;
  frame.ariaHidden = "true";
  frame.style.cssText = "position:fixed;inset:auto 0 0 auto;width:0;height:0;border:0";
  clearPrinted();
  printed = frame;
  document.body.append(frame);
  const page = frame.contentDocument;
  const view = frame.contentWindow;
  if (!page || !view) return;
  page.documentElement.lang = lang;
  for (const line of text.split("\n")) {
    const paragraph = page.createElement("p");
    paragraph.textContent = line;
    paragraph.style.cssText = "font:12pt/1.4 Arial,sans-serif;margin:0 0 6pt";
    page.body.append(paragraph);
  }
  view.addEventListener("afterprint", clearPrinted);
  view.print();
}

/** What has the focus, inside shadow roots too. */
export function deepActive(): HTMLElement | null {
  let found = document.activeElement;
  while (found?.shadowRoot?.activeElement) found = found.shadowRoot.activeElement;
  return found instanceof HTMLElement ? found : null;
}
