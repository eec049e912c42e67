// How a reply looks: paragraphs, cards with ways to reach someone, and choices.
import { html, nothing, type TemplateResult } from "lit/html.js";
import helplines from "virtual:helplines";
import type { Card, Choice, Contact, Reply } from "./server.js";
import { fill, type Strings } from "./strings.js";

const SAFE = /^(tel:|sms:|mailto:|https:)/;
const SHOWN_IN_BUTTON = ["Ring", "Text"];

export interface CardActions {
  words: Strings;
  copied: string;
  copy(text: string): void;
  /** The referral form below the card, or a button that opens it. */
  referral(card: Card, key: string): unknown;
}

/** The national helplines, as cards that need no server. */
export const HELPLINES: Card[] = helplines.map((one) => ({
  id: one.name,
  title: one.name,
  summary: "",
  open_now: "ask",
  rows: [],
  referral: false,
  contacts: [
    ...(one.phone
      ? [{ label: "Ring", value: one.phone, href: `tel:${one.phone.replace(/ /g, "")}`, note: one.option ?? null }]
      : []),
    ...(one.sms ? [{ label: "Text", value: one.sms, href: `sms:${one.sms}`, note: null }] : []),
  ],
}));

function contactRow(contact: Contact, { words, copied, copy }: CardActions): TemplateResult {
  const { label, value, href, note } = contact;
  if (!href || !SAFE.test(href)) return html`<li><strong>${label}:</strong> ${value}${note ? ` (${note})` : nothing}</li>`;
  const web = href.startsWith("https:");
  const verb = href.startsWith("tel:") ? words.call : href.startsWith("sms:") ? words.text : web ? words.open : words.email;
  const name = SHOWN_IN_BUTTON.includes(label) ? "" : label;
  return html`<li class="row">
    ${name || note ? html`<span class="label"><strong>${name}</strong> ${note}</span>` : nothing}
    <a class="button primary" part="button" href=${href} target=${web ? "_blank" : nothing} rel=${web ? "noopener noreferrer" : nothing}
      >${fill(verb, { what: web ? label : value })}${web ? html`<span class="sr"> ${words.opensNewTab}</span>` : nothing}</a
    ><button type="button" class="plain" part="button" @click=${() => copy(value)}>
      ${copied === value ? words.copied : words.copy}<span class="sr"> ${value}</span></button>
  </li>`;
}

export function cardView(card: Card, key: string, actions: CardActions): TemplateResult {
  const { words } = actions;
  const tag = card.open_now === "ask" ? "" : card.open_now === "open" ? words.openNow : words.closedNow;
  return html`<article class="card" part="card" aria-labelledby=${key}>
    <h3 id=${key}>${card.title}${tag ? html` <span class="tag ${card.open_now}">${tag}</span>` : nothing}</h3>
    ${card.summary ? html`<p>${card.summary}</p>` : nothing}
    ${
      card.rows.length
        ? html`<dl>${card.rows.map((row) => html`<div><dt>${row.label}</dt><dd>${row.text}</dd></div>`)}</dl>`
        : nothing
    }
    ${
      card.contacts.length
        ? html`<ul class="contacts">${card.contacts.map((contact) => contactRow(contact, actions))}</ul>`
        : nothing
    }
    ${card.referral ? actions.referral(card, key) : nothing}
  </article>`;
}

/** The second press of a double click does nothing: by then something else may be under the pointer. */
export const single =
  (act: () => void) =>
  (event: MouseEvent): void => {
    if (event.detail < 2) act();
  };

export function choiceButtons(
  choices: Choice[],
  spent: boolean,
  chosen: string,
  words: Strings,
  choose: (choice: Choice) => void,
) {
  return choices.length
    ? html`<div class="choices" role="group" aria-label=${words.choices}>${choices.map(
        (choice) => html`<button type="button" part="choice" ?disabled=${spent}
          class="choice ${choice.payload === "/help-now" ? "urgent" : ""} ${choice.payload === chosen ? "chosen" : ""}"
          @click=${single(() => choose(choice))}>${choice.label}</button>`,
      )}</div>`
    : nothing;
}

/** A reply in one breath, for people who hear it: the text, the names and numbers, and that there are choices. */
export function spoken(reply: Reply, words: Strings): string {
  const cards = reply.cards.map((card) => {
    const first = card.contacts.find((one) => one.href && /^(tel|sms):/.test(one.href));
    return card.rows.length || !first ? `${card.title}.` : `${card.title}: ${first.value}.`;
  });
  const answer = reply.cards.flatMap((card) => (card.rows.length === 1 ? [card.rows[0]?.text ?? ""] : []));
  const choices = reply.choices.length ? [fill(words.choicesFollow, { n: reply.choices.length })] : [];
  return [...reply.paragraphs, ...cards, ...answer, ...choices].join(" ");
}
