// An element painted with Lit's templates. Lit's own base class falls back to a <style> element, which a strict page forbids,
// and weighs a fifth of what the whole widget may: this one adopts a style sheet and paints once per change, and no more.
import { render, type TemplateResult } from "lit/html.js";

export abstract class Painter extends HTMLElement {
  protected readonly root = this.attachShadow({ mode: "open" });
  private painting: Promise<void> | null = null;

  constructor(styles: CSSStyleSheet) {
    super();
    this.root.adoptedStyleSheets = [styles];
  }

  protected abstract view(): TemplateResult;

  attributeChangedCallback(): void {
    if (this.isConnected) void this.repaint();
  }

  /** Paint when the present task is done; resolves then. */
  protected repaint(): Promise<void> {
    this.painting ??= Promise.resolve().then(() => this.paint());
    return this.painting;
  }

  /** Paint now. */
  protected paint(): void {
    this.painting = null;
    render(this.view(), this.root);
  }
}
