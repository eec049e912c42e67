// Every state of the chat, from fixed sample replies: real elements, each with a transport that answers without a server.
import type { HandrailChat } from "../src/element.js";
import { type Answer, type Body, Problem, type Reply, type Transport } from "../src/server.js";
import samples from "./samples.json";

const reply = (name: keyof typeof samples): Reply => samples[name] as unknown as Reply;
const never = (): Promise<never> => new Promise(() => {});
const away = (): Promise<never> => Promise.reject(new Problem("away"));

class Sample implements Transport {
  constructor(
    private readonly answer: (body: Body) => Promise<Answer>,
    private readonly greeting: () => Promise<Reply> = () => Promise.resolve(reply("greeting")),
    private readonly forgets = true,
  ) {}
  greet = (): Promise<Reply> => this.greeting();
  send = (body: Body): Promise<Answer> => this.answer(body);
  forget = (): Promise<boolean> => Promise.resolve(this.forgets);
}

const answers = (name: keyof typeof samples, renewed = false): Sample =>
  new Sample(() => Promise.resolve({ reply: reply(name), renewed }));
const refuses = (code: string, told: string, status: number): Sample =>
  new Sample(() => Promise.reject(new Problem(code, told, status)));

interface State {
  name: string;
  transport: Transport;
  says?: string[];
  after?: (chat: HandrailChat) => void | Promise<void>;
  attributes?: Record<string, string>;
}

const part = (chat: HandrailChat, selector: string): HTMLElement | null | undefined => chat.shadowRoot?.querySelector(selector);
const painted = (): Promise<void> => new Promise((done) => setTimeout(done, 60));
const refer = async (chat: HandrailChat, manager: boolean): Promise<void> => {
  part(chat, "[data-opens]")?.click();
  await painted();
  if (manager) part(chat, '[value="manager"]')?.click();
  await painted();
  for (const [name, text] of Object.entries({
    job: "Prison officer, nights",
    hard: "Loud bangs on the landing",
    since: "March",
  })) {
    const box = part(chat, `[name="${name}"]`) as HTMLTextAreaElement | null;
    if (box) box.value = text;
  }
};

const STATES: State[] = [
  { name: "First", transport: answers("trauma") },
  { name: "Waiting", transport: new Sample(never), says: ["my back is in bits after a restraint"] },
  {
    name: "Waiting long, with people to ring",
    transport: new Sample(never),
    says: ["this one takes long"],
    after: (chat) => chat["change"]({ turns: chat["is"].turns.map((turn) => ({ ...turn, wait: 2 })) }),
  },
  {
    name: "Services, the first fits best",
    transport: answers("trauma"),
    says: ["cut a lad down on Tuesday and I can't get it out of my head"],
  },
  { name: "A question about a service", transport: answers("confidential"), says: ["is it confidential"] },
  { name: "Several needs", transport: answers("several"), says: ["debts and bailiffs at the door and my back is knackered"] },
  { name: "Someone may be in danger", transport: answers("risk"), says: ["i want to die"] },
  { name: "Who is it about?", transport: answers("who"), says: ["someone said they want to end it all tonight"] },
  { name: "Get help now", transport: answers("helpNow"), after: (chat) => chat.helpNow() },
  { name: "Guided finder: who", transport: answers("find"), says: ["help me choose"] },
  { name: "Guided finder: about", transport: answers("about"), says: ["for me"] },
  { name: "Everything", transport: answers("menu"), says: ["see everything"] },
  { name: "Not understood", transport: answers("not-understood"), says: ["asdkjh qwe zxc"] },
  { name: "Spent choices", transport: answers("menu"), says: ["see everything", "show me more"] },
  { name: "Referral: the form", transport: answers("trauma"), says: ["trauma"], after: (chat) => refer(chat, false) },
  {
    name: "Referral: the manager's letter",
    transport: answers("trauma"),
    says: ["trauma"],
    after: async (chat) => {
      await refer(chat, true);
      part(chat, ".panel .primary")?.click();
    },
  },
  { name: "The server is away", transport: new Sample(away), says: ["back pain from the gate lodge chair"] },
  { name: "The server is away at the start", transport: new Sample(away, away) },
  { name: "Get help now without a server", transport: new Sample(away), after: (chat) => chat.helpNow() },
  {
    name: "Refused",
    transport: refuses("too-long", "That is too long. Please use 2000 characters or fewer.", 413),
    says: ["a very long message"],
  },
  { name: "Broken", transport: refuses("internal", "Something went wrong here.", 500), says: ["anything"] },
  { name: "The conversation had expired", transport: answers("confidential", true), says: ["is it confidential"] },
  {
    name: "Idle warning",
    transport: answers("confidential"),
    says: ["is it confidential"],
    after: (chat) => chat["change"]({ warned: true }),
  },
  { name: "Erased when idle", transport: answers("confidential"), after: (chat) => chat.erase("idle") },
  { name: "Erased", transport: answers("confidential"), after: (chat) => chat.erase() },
  { name: "Erased, but the server is away", transport: new Sample(away, undefined, false), after: (chat) => chat.erase() },
  { name: "Dark", transport: answers("trauma"), says: ["cut a lad down"], attributes: { theme: "dark" } },
  { name: "Right to left", transport: answers("trauma"), says: ["cut a lad down"], attributes: { dir: "rtl" } },
];

async function show(state: State, list: Element): Promise<void> {
  const item = document.createElement("li");
  const title = document.createElement("h2");
  const frame = document.createElement("div");
  const chat = document.createElement("handrail-chat") as HandrailChat;
  title.textContent = state.name;
  frame.className = "frame";
  frame.tabIndex = 0;
  chat.transport = state.transport;
  for (const [name, value] of Object.entries({ "idle-minutes": "1000", ...state.attributes })) chat.setAttribute(name, value);
  frame.append(chat);
  item.append(title, frame);
  list.append(item);
  await painted();
  for (const message of state.says ?? []) {
    chat.say(message);
    await painted();
  }
  await state.after?.(chat);
}

const list = document.createElement("ul");
document.querySelector("main.gallery")?.append(list);
Promise.all(STATES.map((state) => show(state, list))).then(async () => {
  await painted();
  window.scrollTo(0, 0);
  document.documentElement.dataset.ready = "true";
});
