// Everything the widget itself says. A new language is one more table, complete; until then the whole widget is in English.
export const english = {
  title: "Wellbeing support",
  helpNow: "Get help now",
  exit: "Exit this page",
  conversation: "Conversation",
  announcements: "New messages",
  you: "You said:",
  answer: "Answer",
  choices: "Choices",
  choicesFollow: "{n} choices follow the answer.",
  openNow: "Open now",
  closedNow: "Closed now",
  call: "Call {what}",
  text: "Text {what}",
  email: "Email {what}",
  open: "Open {what}",
  opensNewTab: "(opens in a new tab)",
  copy: "Copy",
  copied: "Copied",
  copiedWhat: "{what} copied.",
  notCopied: "It could not be copied. Select it and copy it yourself.",
  message: "Your message",
  hint: "Say it in your own words. Do not type names. To leave fast, press Shift three times.",
  send: "Send",
  erase: "Erase everything now",
  tryAgain: "Try again",
  waiting: "Finding what fits…",
  waitingLong: "Still looking. This takes a little longer than usual.",
  waitingVeryLong: "This is slow today. You can wait, or reach people now.",
  nothingTyped: "Type a few words about what is going on.",
  away: "The assistant cannot be reached. Your message is still here. Check your connection and try again.",
  awayAtStart: "The assistant cannot be reached. Check your connection and try again.",
  awayHelp: "The assistant cannot be reached. You can reach people without it:",
  reachPeople: "You can reach people now:",
  renewed: "It was quiet for a while, so what you said before was forgotten. Your last message was answered afresh.",
  idle: "Are you still there? In a minute everything here is erased, because others may use this computer.",
  stay: "I am still here",
  wipedIdle: "It was quiet for a while, so everything here was erased.",
  wipedErased: "Everything is erased. Nothing is left here or on the server.",
  wipedLocally: "Everything here is erased. The server could not be reached: it forgets by itself within 30 minutes.",
  startAgain: "Start a new conversation",
  shift: "Shift pressed. Press it {n} more to leave this page.",
  once: "once",
  twice: "twice",
  leaving: "Leaving this page.",
  prepare: "Prepare a referral",
  prepareFor: "Prepare a referral: {what}",
  prepareHint: "This makes a letter for you to copy or print. It stays on this screen: nothing is sent or kept.",
  iAm: "Who are you?",
  person: "It is for me",
  manager: "I am the manager",
  job: "The job",
  jobHint: "For example: prison officer, nights, on a wing",
  hard: "What makes work hard",
  hardHint: "What happens at work. You need not say what the illness is.",
  since: "Since when",
  helps: "What would help",
  ask: "What you want to know",
  knows: "The person knows what this says and agrees to it",
  make: "Make the letter",
  close: "Close",
  letter: "The letter",
  copyLetter: "Copy the letter",
  print: "Print",
  letterDear: "Dear manager,",
  letterPlease: "Please refer me to: {what}.",
  letterRefer: "Referral to: {what}.",
  letterKnows: "The member of staff knows what this says and agrees to it: {yes}.",
  agree: "I agree that this is sent",
  letterYes: "yes",
  letterNo: "not yet",
  letterTalk: "not yet. Talk with them before you send it",
  letterIAgree: "I agree that this is sent: {yes}.",
  letterAsk: "Please say what happens next and when.",
  before: "Before it is sent",
  fill: "(fill in)",
};
export type Strings = typeof english;

const tables: Record<string, Strings> = {
  // cy: to be translated by a person. See docs/widget.md.
};

/** The table for a language tag such as "cy" or "en-GB", and the language that it is really in. */
export function stringsFor(tag: string): { words: Strings; lang: string } {
  const words = tables[tag.toLowerCase().split("-")[0] ?? ""];
  return words ? { words, lang: tag } : { words: english, lang: "en-GB" };
}

/** `sentence` with each {name} filled in. */
export function fill(sentence: string, values: Record<string, string | number>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}
