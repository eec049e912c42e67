// "Prepare a referral": a letter made in the browser from what the card says and what the person types. Nothing is sent or kept.
import { html, nothing, type TemplateResult } from "lit/html.js";
import type { Card } from "./server.js";
import { fill, type Strings } from "./strings.js";

export interface Facts {
  manager: boolean;
  job: string;
  hard: string;
  since: string;
  helps: string;
  ask: string;
  knows: boolean;
}

/** The letter as plain text. What was not typed is left to fill in by hand. */
export function letter(card: Card, facts: Facts, words: Strings): string {
  const part = (name: string, typed: string): string => `${name}: ${typed.trim() || words.fill}`;
  const yes = facts.knows ? words.letterYes : facts.manager ? words.letterTalk : words.letterNo;
  const start = facts.manager
    ? [fill(words.letterRefer, { what: card.title })]
    : [words.letterDear, "", fill(words.letterPlease, { what: card.title })];
  const body = [
    part(words.job, facts.job),
    part(words.hard, facts.hard),
    part(words.since, facts.since),
    part(words.helps, facts.helps),
  ];
  const end = facts.manager
    ? [part(words.ask, facts.ask), "", fill(words.letterKnows, { yes })]
    : ["", fill(words.letterIAgree, { yes }), words.letterAsk];
  const rows = card.rows.map((row) => `- ${row.label}: ${row.text.charAt(0).toUpperCase()}${row.text.slice(1)}`);
  const contacts = card.contacts.filter((one) => one.href).map((one) => `- ${one.label}: ${one.value}`);
  return [...start, "", ...body, ...end, "", words.before, ...rows, ...contacts].join("\n");
}

/** What was typed in the form below `panel`. */
export function readFacts(panel: ParentNode): Facts {
  const typed = (name: string): string => panel.querySelector<HTMLTextAreaElement>(`[name="${name}"]`)?.value ?? "";
  const checked = (selector: string): boolean => panel.querySelector<HTMLInputElement>(selector)?.checked ?? false;
  return {
    manager: checked('[value="manager"]'),
    job: typed("job"),
    hard: typed("hard"),
    since: typed("since"),
    helps: typed("helps"),
    ask: typed("ask"),
    knows: checked('[name="knows"]'),
  };
}

export interface ReferralView {
  what: string;
  manager: boolean;
  made: string;
  words: Strings;
  who(manager: boolean): void;
  make(panel: HTMLElement): void;
  copy(): void;
  print(): void;
  close(): void;
}

/** The form, and below it the letter once it is made. */
export function referralForm(view: ReferralView): TemplateResult {
  const { words } = view;
  const box = (name: string, label: string, hint = "", rows = 2): TemplateResult => html`<div>
    <label for="r-${name}">${label}</label>${hint ? html`<p id="h-${name}" class="quiet">${hint}</p>` : nothing}
    <textarea id="r-${name}" name=${name} rows=${rows} autocomplete="off" aria-describedby=${hint ? `h-${name}` : nothing}></textarea>
  </div>`;
  const option = (manager: boolean, label: string): TemplateResult => html`<label
    ><input type="radio" name="who" value=${manager ? "manager" : "person"} ?checked=${view.manager === manager}
      @change=${() => view.who(manager)} />${label}</label>`;
  return html`<section class="panel" part="referral" tabindex="-1" aria-label=${view.what}>
    <h4>${view.what}</h4>
    <p>${words.prepareHint}</p>
    <fieldset><legend>${words.iAm}</legend><div class="options">${option(false, words.person)}${option(true, words.manager)}</div></fieldset>
    ${box("job", words.job, words.jobHint, 1)} ${box("hard", words.hard, words.hardHint, 3)} ${box("since", words.since, "", 1)}
    ${box("helps", words.helps)} ${view.manager ? box("ask", words.ask) : nothing}
    <label class="check"><input type="checkbox" name="knows" />${view.manager ? words.knows : words.agree}</label>
    <div class="row">
      <button type="button" class="primary" @click=${(event: Event) => view.make((event.target as Element).closest(".panel") as HTMLElement)}>
        ${words.make}</button>
      <button type="button" class="plain" @click=${view.close}>${words.close}</button>
    </div>
    ${
      view.made
        ? html`<h4 id="letter">${words.letter}</h4>
          <pre class="letter" part="letter" tabindex="0" role="region" aria-labelledby="letter">${view.made}</pre>
          <div class="row">
            <button type="button" class="plain" @click=${view.copy}>${words.copyLetter}</button>
            <button type="button" class="plain" @click=${view.print}>${words.print}</button>
          </div>`
        : nothing
    }
  </section>`;
}
