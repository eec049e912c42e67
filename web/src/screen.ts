// The whole element for a state: header, conversation, the box to type in, and what is said when something goes wrong.
import { html, nothing, type TemplateResult } from "lit/html.js";
import { referralForm } from "./referral.js";
import type { Card, Choice } from "./server.js";
import type { Failure, State, Turn } from "./state.js";
import { fill, type Strings } from "./strings.js";
import { cardView, choiceButtons, HELPLINES, single } from "./views.js";

/** What a person can do. */
export interface Doing {
  helpNow(): void;
  exit(): void;
  erase(): void;
  restart(): void;
  stay(): void;
  submit(): void;
  choose(turn: Turn, choice: Choice): void;
  copy(what: string, name?: string): void;
  openReferral(key: string): void;
  closeReferral(key: string): void;
  referFor(manager: boolean): void;
  makeLetter(card: Card, panel: HTMLElement): void;
  printLetter(): void;
}

export interface Shown {
  is: State;
  words: Strings;
  lang: string;
  label: string;
  does: Doing;
}

export function screen(shown: Shown): TemplateResult {
  const { is, words, does } = shown;
  if (is.screen === "left") return html``;
  return html`<div lang=${shown.lang} class="chat" part="chat">
    <header part="header"><div class="bar">
      <h2 part="title">${shown.label || words.title}</h2>
      <div class="always">
        <button type="button" class="help" part="help" @click=${single(does.helpNow)}>${words.helpNow}</button>
        <button type="button" class="exit" part="exit" @click=${does.exit}>${words.exit}</button>
      </div>
    </div></header>
    <div class="main">
      ${is.screen === "chat" ? chat(shown) : wiped(shown)}
      <div class="sr" role="log" aria-label=${words.announcements}></div>
    </div>
  </div>`;
}

function wiped({ is, words, does }: Shown): TemplateResult {
  const told = is.screen === "idle" ? words.wipedIdle : is.screen === "locally" ? words.wipedLocally : words.wipedErased;
  return html`<div class="wiped" part="wiped"><p role="alert">${told}</p>
    <button type="button" class="primary" part="button" @click=${does.restart}>${words.startAgain}</button></div>`;
}

function chat(shown: Shown): TemplateResult {
  const { is, words, does } = shown;
  const bad = is.failure;
  return html`<section class="log" part="log" aria-label=${words.conversation}>
      ${is.turns.map((turn, at) => one(turn, at, shown))}
      ${bad?.people ? html`<div class="people"><p>${words.reachPeople}</p>${cards(HELPLINES, "away", shown)}</div>` : nothing}
    </section>
    <div class="composer" part="composer">
      ${is.warned ? warning(shown) : nothing} ${bad ? failed(bad, words) : nothing}
      <label for="message">${words.message}</label>
      <p id="hint" class=${is.turns.length > 1 ? "sr" : "quiet"}>${words.hint}</p>
      <div class="send">
        <textarea id="message" rows="2" dir="auto" autocomplete="off" enterkeyhint="send" aria-describedby=${bad ? "error hint" : "hint"}
          aria-invalid=${bad && !bad.again ? "true" : nothing} @keydown=${(event: KeyboardEvent) => onEnter(event, does)}></textarea>
        <button type="button" class="primary" part="send" @click=${single(does.submit)}>${words.send}</button>
      </div>
      <div class="foot">
        <p class="quiet" role="status" part="status">${progress(is, words)}</p>
        <button type="button" class="link" part="erase" @click=${does.erase}>${words.erase}</button>
      </div>
    </div>`;
}

function onEnter(event: KeyboardEvent, does: Doing): void {
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  if (!event.repeat) does.submit();
}

function progress(is: State, words: Strings): string {
  const open = is.turns.filter((turn) => !turn.reply);
  if (!open.length) return is.status;
  return [words.waiting, words.waitingLong, words.waitingVeryLong][Math.max(...open.map((turn) => turn.wait))] ?? "";
}

function warning({ words, does }: Shown): TemplateResult {
  return html`<div class="notice" part="notice"><p role="alert">${words.idle}</p>
    <button type="button" class="plain" part="button" @click=${does.stay}>${words.stay}</button></div>`;
}

function failed(bad: Failure, words: Strings): TemplateResult {
  return html`<div class="bad" part="error">
    <p id="error" role="alert">${bad.told}</p>
    ${bad.again ? html`<button type="button" class="plain" part="button" @click=${bad.again}>${words.tryAgain}</button>` : nothing}
  </div>`;
}

function one(turn: Turn, at: number, shown: Shown): TemplateResult {
  const { is, words, does } = shown;
  const spent = at < is.turns.length - 1;
  const { reply } = turn;
  return html`<div class="turn log">
    ${turn.mine ? html`<p class="mine" part="mine" dir="auto"><span class="sr">${words.you} </span>${turn.mine}</p>` : nothing}
    ${
      reply
        ? html`<div class="reply" part="reply" role="group" aria-label=${words.answer} tabindex="-1">
          ${[...(turn.note ? [turn.note] : []), ...reply.paragraphs].map((paragraph) => html`<p>${paragraph}</p>`)}
          ${reply.cards.length ? cards(reply.cards, `t${at}`, shown) : nothing}
          ${choiceButtons(reply.choices, spent, turn.chosen, words, (choice) => does.choose(turn, choice))}
        </div>`
        : html`<div class="dots" aria-hidden="true"><i></i><i></i><i></i></div>
          ${turn.wait > 1 ? cards(HELPLINES, `w${at}`, shown) : nothing}`
    }
  </div>`;
}

function cards(list: readonly Card[], key: string, shown: Shown): TemplateResult {
  const { is, words, does } = shown;
  const actions = {
    words,
    copied: is.copied,
    copy: does.copy,
    referral: (card: Card, name: string) => referral(card, name, shown),
  };
  return html`<div class="cards">${list.map((card, at) => cardView(card, `${key}-${at}`, actions))}</div>`;
}

function referral(card: Card, key: string, { is, words, does }: Shown): TemplateResult {
  const what = fill(words.prepareFor, { what: card.title });
  if (is.opened !== key)
    return html`<div><button type="button" class="plain" part="button" data-opens=${key} aria-label=${what} @click=${() => does.openReferral(key)}>
      ${words.prepare}</button></div>`;
  return referralForm({
    what,
    words,
    manager: is.asManager,
    made: is.made,
    who: does.referFor,
    make: (panel) => does.makeLetter(card, panel),
    copy: () => does.copy(is.made, words.letter),
    print: does.printLetter,
    close: () => does.closeReferral(key),
  });
}
