// The words of the pages, in both languages: the shell is kept by the phone and must not be asked for anew.

const ALL = JSON.parse(document.getElementById("phone-texts").textContent);
const CHOSEN = "portal.language";

function chosen() {
  try {
    return localStorage.getItem(CHOSEN);
  } catch {
    return null;
  }
}

export const language = [chosen(), document.documentElement.lang].find((code) => code in ALL) || Object.keys(ALL)[0];
const TEXTS = ALL[language];

/** The text of this name with its %(names)s filled in. */
export function t(name, values = {}) {
  const text = TEXTS[name];
  if (text === undefined) throw new Error(`no text ${name}`);
  return text.replace(/%\((\w+)\)s/g, (_, key) => String(values[key]));
}

export function time(iso) {
  const at = new Date(iso);
  const two = (number) => String(number).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}
