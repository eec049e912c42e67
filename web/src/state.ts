// Everything that is shown, in memory only.
import type { Body, Reply } from "./server.js";

/** One message and its answer. `wait` grows while the answer is not there yet. */
export interface Turn {
  mine: string;
  chosen: string;
  note: string;
  reply: Reply | null;
  wait: number;
}

/** What went wrong, in words; whether to show people to ring; and how to try again. */
export interface Failure {
  told: string;
  people: boolean;
  again: (() => void) | null;
}

/** A message that was not answered: sent again with its key, it is answered once. */
export interface Lost {
  body: Body;
  key: string;
}

/** What fills the element: the chat, the words after it was erased (and by whom), or nothing after leaving. */
export type Screen = "chat" | "idle" | "erased" | "locally" | "left";

export interface State {
  screen: Screen;
  turns: readonly Turn[];
  failure: Failure | null;
  warned: boolean;
  status: string;
  copied: string;
  /** The card whose referral is open, for whom it is, and the letter that was made. */
  opened: string;
  asManager: boolean;
  made: string;
}

export const EMPTY: State = {
  screen: "chat",
  turns: [],
  failure: null,
  warned: false,
  status: "",
  copied: "",
  opened: "",
  asManager: false,
  made: "",
};

export const newTurn = (mine: string, reply: Reply | null = null): Turn => ({ mine, chosen: "", note: "", reply, wait: 0 });
