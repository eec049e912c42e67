// The chat API. The token lives in this object only; nothing is stored in the browser and no cookie is sent.
export interface Choice {
  label: string;
  payload: string;
}
export interface Contact {
  label: string;
  value: string;
  href: string | null;
  note: string | null;
}
export interface Card {
  id: string;
  title: string;
  summary: string;
  open_now: "open" | "closed" | "ask";
  rows: { label: string; text: string }[];
  contacts: Contact[];
  referral: boolean;
}
export interface Reply {
  paragraphs: string[];
  cards: Card[];
  choices: Choice[];
}
export type Body = { text: string } | { choice: string };
export interface Answer {
  reply: Reply;
  /** The server no longer knew the conversation, and a new one was started. */
  renewed: boolean;
}

/** What the widget needs of a server; the gallery has one with fixed replies. */
export interface Transport {
  greet(): Promise<Reply>;
  send(body: Body, key: string): Promise<Answer>;
  /** Forget the conversation; says whether the server has. */
  forget(): Promise<boolean>;
}

/** What went wrong: `told` are the server's own words, when it could be reached. */
export class Problem extends Error {
  constructor(
    readonly code: string,
    readonly told = "",
    readonly status = 0,
  ) {
    super(code);
  }
}

/** Any error as a Problem; one that is not from the server says that it could not be reached. */
export const asProblem = (error: unknown): Problem =>
  error instanceof Error && "told" in error ? (error as Problem) : new Problem("away");

const TIMEOUT = 20_000;
const PAUSE = 1_000;

export class Server implements Transport {
  private token = "";
  private over = false;
  private starting: Promise<void> | null = null;

  constructor(
    private readonly base: string,
    private readonly site: string,
  ) {}

  greet(): Promise<Reply> {
    return this.ask<Reply>("GET", "/chat/greeting");
  }

  async send(body: Body, key: string): Promise<Answer> {
    const fresh = !this.token;
    const used = await this.started();
    try {
      return { reply: await this.ask<Reply>("POST", "/chat/messages", body, key), renewed: false };
    } catch (problem) {
      if (asProblem(problem).code !== "unknown-session" || fresh) throw problem;
      if (this.token === used) this.token = "";
      await this.started();
      return { reply: await this.ask<Reply>("POST", "/chat/messages", body, key), renewed: true };
    }
  }

  async forget(): Promise<boolean> {
    this.over = true;
    if (!this.token) return true;
    try {
      await this.ask("DELETE", "/chat/sessions");
      return true;
    } catch (problem) {
      return asProblem(problem).code === "unknown-session";
    } finally {
      this.token = "";
    }
  }

  /** The token. Two messages at once start one conversation; after `forget` none is started. */
  private async started(): Promise<string> {
    if (!this.token && !this.over) {
      this.starting ??= this.start().finally(() => {
        this.starting = null;
      });
      await this.starting;
    }
    if (this.over) throw new Problem("over");
    return this.token;
  }

  private async start(): Promise<void> {
    const made = await this.ask<{ token: string }>("POST", "/chat/sessions", this.site ? { site: this.site } : {});
    this.token = made.token;
    if (this.over) await this.forget();
  }

  /** One request; when the connection is lost it is sent once more, which the key makes safe. */
  private async ask<T>(method: string, path: string, body?: unknown, key = "", again = true): Promise<T> {
    const headers: Record<string, string> = {};
    if (body) headers["Content-Type"] = "application/json";
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    if (key) headers["Idempotency-Key"] = key;
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), TIMEOUT);
    let answer: Response;
    let content: { error?: string; message?: string } | null;
    try {
      answer = await fetch(this.base + path, {
        method,
        headers,
        body: body ? JSON.stringify(body) : null,
        cache: "no-store",
        credentials: "omit",
        referrerPolicy: "no-referrer",
        redirect: "error",
        keepalive: method === "DELETE",
        signal: stop.signal,
      });
      content = answer.status === 204 ? null : await answer.json();
    } catch {
      if (again && navigator.onLine && method !== "DELETE" && !stop.signal.aborted) {
        await new Promise((done) => setTimeout(done, PAUSE));
        return this.ask<T>(method, path, body, key, false);
      }
      throw new Problem("away");
    } finally {
      clearTimeout(timer);
    }
    if (!answer.ok) throw new Problem(content?.error ?? "http", content?.message ?? "", answer.status);
    return content as T;
  }
}

/** A key for one message: the same message sent twice with it is answered once. */
export function newKey(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
