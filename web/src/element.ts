// <handrail-chat>: the whole chat in one element. What was said lives in this object only; see docs/widget.md.
import { Idle } from "./idle.js";
import { Painter } from "./painter.js";
import { clearPrinted, copy, deepActive, print } from "./paper.js";
import { letter, readFacts } from "./referral.js";
import { type Doing, screen } from "./screen.js";
import { asProblem, type Body, newKey, Problem, Server, type Transport } from "./server.js";
import responsive from "./responsive.css";
import { EMPTY, type Lost, newTurn, type Screen, type State, type Turn } from "./state.js";
import { fill, type Strings, stringsFor } from "./strings.js";
import base from "./styles.css";
import { HELPLINES, spoken } from "./views.js";

const SCRIPT = document.currentScript instanceof HTMLScriptElement ? document.currentScript.src : location.href;
const HELP = "/help-now";
const EXIT = "https://www.bbc.co.uk/weather";
const IDLE_MINUTES = 5;
const WAITS = [4_000, 10_000];
const HELP_WAITS = [1_500, 2_500];
const SHIFTS_WITHIN = 5_000;
const HEARD = 8;
const SHORT = 120;
const DOUBLE = 1_000;
const LEAVE_ANYWAY = 500;
const styles = new CSSStyleSheet();
styles.replaceSync(base + responsive);

export class HandrailChat extends Painter {
  static readonly observedAttributes = ["label", "lang"];

  /** Where messages go; set before the element is on the page to give it another (the gallery does). */
  transport: Transport | null = null;
  private is: State = EMPTY;
  private order: Promise<unknown> = Promise.resolve();
  private lost: Lost | null = null;
  private shifts: number[] = [];
  private sent = 0;
  private readonly idle = new Idle(
    () => Number(this.getAttribute("idle-minutes")) || IDLE_MINUTES,
    (warned) => void this.change({ warned }),
    () => void this.erase("idle"),
  );

  constructor() {
    super(styles);
  }

  connectedCallback(): void {
    window.addEventListener("keydown", this.onKey, true);
    window.addEventListener("pagehide", this.onPageHide);
    window.addEventListener("pageshow", this.onPageShow);
    for (const name of ["keydown", "pointerdown"]) this.addEventListener(name, this.idle.touch);
    this.addEventListener("input", this.idle.start);
    void this.begin();
  }

  disconnectedCallback(): void {
    window.removeEventListener("keydown", this.onKey, true);
    window.removeEventListener("pagehide", this.onPageHide);
    window.removeEventListener("pageshow", this.onPageShow);
    void this.clear("chat");
  }

  // What a page may call (docs/widget.md).

  /** Send `message` as if it had been typed. */
  say(message: string): void {
    const typed = message.trim();
    if (typed) void this.send({ text: typed }, typed);
    else this.fail(new Problem("empty", this.words.nothingTyped, 422), "");
  }

  /** Show people to reach now. */
  helpNow(): void {
    void this.send({ choice: HELP }, this.words.helpNow);
  }

  /** Erase everything here and on the server. */
  async erase(reason: "erased" | "idle" = "erased"): Promise<void> {
    const asked = this.clear(reason);
    this.emit("wiped", { reason });
    const forgotten = await asked;
    if (!forgotten && this.is.screen === "erased") void this.change({ screen: "locally" });
  }

  /** Leave this page at once, erasing everything. */
  exit(): void {
    const asked = new URL(this.getAttribute("exit-url") || EXIT, location.href);
    const url = /^https?:$/.test(asked.protocol) ? asked.href : EXIT;
    void this.clear("left");
    this.emit("exit", { url });
    try {
      window.top?.location.replace(url);
    } catch {
      // A sandboxed frame may not move the page around it. That page can, see frame.ts.
    }
    if (window.top !== window) setTimeout(() => location.replace(url), LEAVE_ANYWAY);
  }

  // The conversation.

  private async begin(): Promise<void> {
    const server = this.getAttribute("server") || new URL("../..", SCRIPT).href;
    this.transport ??= new Server(server.replace(/\/+$/, ""), this.getAttribute("site") ?? "");
    const from = this.transport;
    void this.change({ screen: "chat", failure: null });
    try {
      const greeting = newTurn("", await from.greet());
      if (from !== this.transport) return;
      await this.change({ turns: [greeting, ...this.is.turns] });
      this.emit("ready");
    } catch (problem) {
      if (from === this.transport) this.fail(problem, this.words.awayAtStart, () => void this.begin());
    }
  }

  /** Messages go in order, each with a key of its own. Help does not wait behind a slow answer. */
  private async send(body: Body, shown: string, key = newKey()): Promise<void> {
    this.lost = null;
    this.sent = Date.now();
    const turn = newTurn(shown);
    const help = "choice" in body && body.choice === HELP;
    const deliver = (): Promise<void> => this.deliver(turn, body, key, help);
    this.idle.start();
    this.hear(`${this.words.you} ${shown}`);
    const painted = this.change({ turns: [...this.is.turns, turn], failure: null, status: "" });
    if (help) void deliver();
    else this.order = this.order.then(deliver);
    await painted;
    this.bringIntoView(turn);
  }

  private async deliver(turn: Turn, body: Body, key: string, help: boolean): Promise<void> {
    const to = this.transport;
    if (!to || !this.is.turns.includes(turn)) return;
    const waits = (help ? HELP_WAITS : WAITS).map((after, step) =>
      setTimeout(() => {
        turn.wait = step + 1;
        void this.change({});
      }, after),
    );
    try {
      const { reply, renewed } = await to.send(body, key);
      if (to !== this.transport) return;
      turn.reply = reply;
      turn.note = renewed ? this.words.renewed : "";
      this.hear(`${turn.note} ${spoken(reply, this.words)}`);
      await this.change({});
      this.bringIntoView(turn);
      this.emit("answer");
    } catch (problem) {
      if (to !== this.transport) return;
      if (help) await this.helpWithoutServer(turn);
      else this.giveBack(turn, body, key, problem);
    } finally {
      for (const wait of waits) clearTimeout(wait);
    }
  }

  private async helpWithoutServer(turn: Turn): Promise<void> {
    const choices = [{ label: this.words.helpNow, payload: HELP }];
    turn.reply = { paragraphs: [this.words.awayHelp], cards: HELPLINES, choices };
    this.hear(spoken(turn.reply, this.words));
    await this.change({});
    this.bringIntoView(turn);
    this.emit("error", { code: "away" });
  }

  /** Nothing typed is lost: it goes back in the box, and the choices can be chosen again. */
  private giveBack(turn: Turn, body: Body, key: string, problem: unknown): void {
    const turns = this.is.turns.filter((one) => one !== turn);
    for (const one of turns) if ("choice" in body && one.chosen === body.choice) one.chosen = "";
    void this.change({ turns });
    const box = this.box;
    if (box && "text" in body) box.value = box.value ? `${body.text}\n${box.value}` : body.text;
    this.fail(problem, this.words.away, "text" in body ? this.does.submit : () => void this.send(body, turn.mine, key));
    this.lost = { body, key };
    box?.focus({ preventScroll: true });
    void this.repaint().then(() => this.find(".people")?.scrollIntoView({ block: "start" }));
  }

  /** Say what happened. What the server refused is not tried again; when it is broken or away, people to ring are shown. */
  private fail(problem: unknown, away: string, again: (() => void) | null = null): void {
    const { code, told, status } = asProblem(problem);
    const refused = told !== "" && status < 500;
    void this.change({ failure: { told: told || away, people: !refused, again: refused ? null : again } });
    this.emit("error", { code });
  }

  /** Erase what is here, ask the server to, and let no answer that is still on its way appear. Says whether the server has. */
  private clear(screen: Screen): Promise<boolean> {
    const old = this.transport;
    this.transport = this.lost = null;
    this.order = Promise.resolve();
    this.idle.stop();
    clearPrinted();
    if (this.box) this.box.value = "";
    this.root.querySelector("[role=log]")?.replaceChildren();
    void this.change({ ...EMPTY, screen });
    return old ? old.forget() : Promise.resolve(true);
  }

  private readonly onKey = (event: KeyboardEvent): void => {
    if (event.repeat) return;
    const now = Date.now();
    this.shifts = event.key === "Shift" ? [...this.shifts.filter((at) => now - at < SHIFTS_WITHIN), now] : [];
    const { shift, once, twice } = this.words;
    if (this.shifts.length > 2) this.exit();
    else if (this.shifts.length) void this.change({ status: fill(shift, { n: this.shifts.length > 1 ? once : twice }) });
  };

  private readonly onPageHide = (): void => {
    void this.clear(this.is.screen === "left" ? "left" : "chat");
    this.paint(); // now, because the browser may keep the page for Back
  };

  private readonly onPageShow = (event: PageTransitionEvent): void => {
    if (event.persisted) void this.begin();
  };

  private readonly does: Doing = {
    helpNow: () => this.helpNow(),
    exit: () => this.exit(),
    erase: () => void this.erase(),
    stay: () => this.idle.touch(),
    restart: async () => {
      await this.begin();
      const greeting = this.is.turns[0]?.reply;
      if (greeting) this.hear(spoken(greeting, this.words));
      this.box?.focus();
    },
    submit: () => {
      const box = this.box;
      const typed = box?.value.trim() ?? "";
      const lost = this.lost;
      if (!typed && Date.now() - this.sent < DOUBLE) return;
      if (box && typed) box.value = "";
      box?.focus({ preventScroll: true });
      if (lost && "text" in lost.body && lost.body.text === typed) void this.send(lost.body, typed, lost.key);
      else this.say(typed);
    },
    choose: async (turn, choice) => {
      turn.chosen = choice.payload;
      await this.send({ choice: choice.payload }, choice.label);
      if (!matchMedia("(pointer: coarse)").matches) this.box?.focus({ preventScroll: true });
    },
    copy: async (what, name = what) => {
      const done = await copy(what);
      const status = done ? fill(this.words.copiedWhat, { what: name }) : this.words.notCopied;
      void this.change({ copied: done ? what : "", status });
    },
    openReferral: async (opened) => {
      await this.change({ opened, made: "", asManager: false });
      this.find(".panel")?.focus();
    },
    closeReferral: async (key) => {
      await this.change({ opened: "", made: "" });
      this.find(`[data-opens="${key}"]`)?.focus();
    },
    referFor: (asManager) => void this.change({ asManager }),
    makeLetter: async (card, panel) => {
      await this.change({ made: letter(card, readFacts(panel), this.words) });
      this.find(".letter")?.focus();
    },
    printLetter: () => print(this.words.letter, this.is.made, stringsFor(this.language).lang),
  };

  // Showing and telling.

  protected view() {
    const { words, lang } = stringsFor(this.language);
    return screen({ is: this.is, words, lang, label: this.getAttribute("label") ?? "", does: this.does });
  }

  private change(part: Partial<State>): Promise<void> {
    this.is = { ...this.is, ...part };
    return this.repaint();
  }

  private emit(name: string, detail: object = {}): void {
    this.dispatchEvent(new CustomEvent(`handrail-${name}`, { detail, bubbles: true, composed: true }));
  }

  /** Said once by a screen reader. Lines are only added and, when old, removed: nothing is read twice. */
  private hear(words: string): void {
    const log = this.find("[role=log]");
    const line = document.createElement("p");
    line.textContent = words.trim();
    log?.append(line);
    while (log && log.childElementCount > HEARD) log.firstElementChild?.remove();
  }

  /** Scroll to a turn. Where a choice was pressed on a touch screen, its answer gets the focus: the keyboard must not cover it. */
  private bringIntoView(turn: Turn): void {
    const node = this.root.querySelectorAll<HTMLElement>(".turn")[this.is.turns.indexOf(turn)];
    const reply = node?.querySelector<HTMLElement>(".reply");
    const short = (node?.querySelector<HTMLElement>(".mine")?.offsetHeight ?? 0) < SHORT;
    const behavior = matchMedia("(prefers-reduced-motion: reduce)").matches ? "auto" : "smooth";
    ((short ? node : reply) ?? node)?.scrollIntoView({ block: reply ? "start" : "nearest", behavior });
    if (deepActive() === document.body) reply?.focus({ preventScroll: true });
  }

  private find(selector: string): HTMLElement | null {
    return this.root.querySelector(selector);
  }

  private get box(): HTMLTextAreaElement | null {
    return this.root.querySelector("#message");
  }

  private get language(): string {
    return this.lang || this.closest<HTMLElement>("[lang]")?.lang || "en";
  }

  private get words(): Strings {
    return stringsFor(this.language).words;
  }
}

if (!customElements.get("handrail-chat")) customElements.define("handrail-chat", HandrailChat);
