import en from "./en.json";

export type Language = "en" | "de";
export type Words = keyof typeof en;

/** German is fetched when it is asked for. */
const WORDS: Record<Language, () => Promise<Record<Words, string>>> = {
  en: () => Promise.resolve(en),
  de: async () => (await import("./de.json")).default,
};
const KEY = "tiny-dancer-language";

/** Attributes that hold words too, and the data attribute that names each. */
const ATTRIBUTES = { tPlaceholder: "placeholder", tLabel: "aria-label", tTitle: "title" } as const;

let current: Language = "en";
let words: Record<Words, string> = en;
const listeners: (() => void)[] = [];

export function getLanguage(): Language {
  return current;
}

/** These words in the visitor's language, `{name}` replaced by the value of that name. */
export function t(key: Words, values: Readonly<Record<string, string | number>> = {}): string {
  return words[key].replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ""));
}

/** The words of a key that is put together, such as a reason's; undefined where there are none. */
export function find(key: string): string | undefined {
  return (words as Record<string, string>)[key];
}

/** Runs whenever the language changes. */
export function onLanguage(show: () => void): void {
  listeners.push(show);
}

/** The language of the link, else the remembered one, else the browser's. */
export function chooseLanguage(asked?: string | null): Language {
  const known = [asked, read(), ...navigator.languages.map((name) => name.slice(0, 2))];
  return known.find((name): name is Language => name === "en" || name === "de") ?? "en";
}

/** Shows the page in this language and remembers it. */
export async function setLanguage(language: Language, remember = true): Promise<void> {
  words = await WORDS[language]();
  current = language;
  document.documentElement.lang = language;
  if (remember) write(language);
  showWords(document.body);
  document.title = t("page.title");
  for (const listener of listeners) listener();
}

function showWords(root: ParentNode): void {
  for (const element of root.querySelectorAll<HTMLElement>("[data-t]")) {
    element.textContent = t(element.dataset["t"] as Words);
  }
  for (const [name, attribute] of Object.entries(ATTRIBUTES)) {
    const selector = `[data-${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}]`;
    for (const element of root.querySelectorAll<HTMLElement>(selector)) {
      element.setAttribute(attribute, t(element.dataset[name] as Words));
    }
  }
}

function read(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null; // storage is denied
  }
}

function write(language: Language): void {
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // It is asked of the browser again at the next visit.
  }
}
