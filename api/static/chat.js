// The chat page. The token and the conversation live in this page's memory only: nothing is stored in the browser.
const LEAVE_TO = "https://www.bbc.co.uk/weather";
const byId = (id) => document.getElementById(id);
const log = byId("log"), form = byId("form"), box = byId("message"), status = byId("status"), error = byId("error");
let token = null, busy = false, spent = [], shifts = 0;

const make = (tag, text, className) => {
  const node = document.createElement(tag);
  if (text) node.textContent = text;
  if (className) node.className = className;
  return node;
};

async function ask(method, path, body) {
  const headers = { "Content-Type": "application/json" };
  if (token) headers.Authorization = `Bearer ${token}`;
  const answer = await fetch(path, { method, headers, body: body && JSON.stringify(body), cache: "no-store", credentials: "omit" });
  if (answer.status === 204) return null;
  const content = await answer.json();
  if (!answer.ok) throw Object.assign(new Error(content.message), { told: content.message, code: content.error });
  return content;
}

function contactItem(contact) {
  const item = make("li");
  item.append(make("span", `${contact.label}: `));
  if (contact.href && /^(tel:|sms:|mailto:|https:)/.test(contact.href)) {
    const link = make("a", contact.value);
    link.href = contact.href;
    if (contact.href.startsWith("https:")) link.rel = "noreferrer";
    item.append(link);
  } else item.append(make("span", contact.value));
  if (contact.note) item.append(make("span", ` (${contact.note.toLowerCase()})`));
  return item;
}

function cardNode(card) {
  const node = make("section", "", "card"), title = make("h2", card.title);
  const known = { open: "Open now", closed: "Closed now" }[card.open_now];
  if (known) title.append(make("span", known, `open ${card.open_now === "open" ? "is-open" : ""}`));
  node.append(title, make("p", card.summary));
  if (card.rows.length) {
    const list = make("dl");
    for (const row of card.rows) list.append(make("dt", row.label), make("dd", row.text));
    node.append(list);
  }
  if (card.contacts.length) {
    const list = make("ul", "", "contacts");
    list.append(...card.contacts.map(contactItem));
    node.append(list);
  }
  return node;
}

function showReply(reply) {
  const node = make("div", "", "reply");
  for (const paragraph of reply.paragraphs) node.append(make("p", paragraph));
  node.append(...reply.cards.map(cardNode));
  if (reply.choices.length) {
    const group = make("div", "", "choices");
    group.setAttribute("role", "group");
    group.setAttribute("aria-label", "Choices");
    for (const choice of reply.choices) {
      const button = make("button", choice.label, choice.payload === "/help-now" ? "choice urgent" : "choice");
      button.type = "button";
      button.addEventListener("click", () => send({ choice: choice.payload }, choice.label));
      group.append(button);
      spent.push(button);
    }
    node.append(group);
  }
  log.append(node);
  node.scrollIntoView({ block: "start", behavior: "auto" });
}

function showMine(text) {
  const node = make("div", "", "mine");
  node.append(make("p", text));
  log.append(node);
}

function showHelplines(words) {
  const node = make("div", "", "reply");
  node.append(make("p", words), byId("helplines").content.cloneNode(true));
  log.append(node);
}

function tell(words) {
  error.textContent = words || "";
  error.hidden = !words;
  box.setAttribute("aria-describedby", words ? "error hint" : "hint");
}

async function start() {
  const made = await ask("POST", "/chat/sessions");
  token = made.token;
  showReply(made.reply);
}

async function send(body, shown) {
  if (busy) return;
  busy = true;
  tell("");
  status.textContent = "Finding what fits…";
  const used = spent;
  try {
    if (!token) await start();
    const reply = await ask("POST", "/chat/messages", body);
    for (const button of used) button.disabled = true;
    spent = [];
    showMine(shown);
    if (body.text) box.value = "";
    showReply(reply);
  } catch (problem) {
    if (problem.code === "unknown-session") {
      token = null;
      log.replaceChildren();
      spent = [];
      tell("It was quiet for a while, so the conversation was wiped. Your message is still here: send it again.");
    } else if (problem.told) tell(problem.told);
    else {
      tell("The assistant cannot be reached. Your message is still here: try again in a minute.");
      showHelplines("You can reach people now:");
    }
  } finally {
    busy = false;
    status.textContent = "";
    if (body.text || !byId("message").matches(":focus")) box.focus({ preventScroll: true });
  }
}

async function wipe() {
  const old = token;
  log.replaceChildren();
  box.value = "";
  spent = [];
  if (old) await ask("DELETE", "/chat/sessions").catch(() => null);
  token = null;
}

function leave() {
  if (token) fetch("/chat/sessions", { method: "DELETE", headers: { Authorization: `Bearer ${token}` }, keepalive: true }).catch(() => null);
  log.replaceChildren();
  box.value = "";
  document.title = "New tab";
  location.replace(LEAVE_TO);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const text = box.value.trim();
  if (text) send({ text }, text);
  else tell("Type a few words about what is going on.");
});
box.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) { event.preventDefault(); form.requestSubmit(); }
});
document.addEventListener("keydown", (event) => {
  shifts = event.key === "Shift" && !event.repeat ? shifts + 1 : 0;
  if (shifts === 3) leave();
});
window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
byId("help-now").addEventListener("click", () => send({ choice: "/help-now" }, "Get help now"));
byId("leave").addEventListener("click", leave);
byId("start-again").addEventListener("click", async () => { await wipe(); await start(); box.focus(); });

form.hidden = false;
byId("start-again").hidden = false;
start().catch(() => showHelplines("The assistant cannot be reached. You can reach people now:"));
