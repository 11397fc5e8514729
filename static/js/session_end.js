// What somebody typed outlives the session it was typed in: in this tab only, until the next page, never in a file.

const SLOT = "portal.typed";
// The version goes along, so that a change made by somebody else in between is still noticed.
const KEPT = "textarea, select, input[name=version], input:not([type=hidden], [type=file], [type=password])";
const signedOut = document.getElementById("signed-out");
const signIn = new URL(signedOut.querySelector("a").href);

function fieldsOf(form) {
  return Array.from(form.querySelectorAll(KEPT)).filter((field) => field.name);
}

// Notes what a form says as it is sent. `data-keep` names the person too: nobody else gets the text back.
export function keep(form) {
  const names = new Set(fieldsOf(form).map((field) => field.name));
  const typed = Array.from(new FormData(form)).filter(([name, value]) => names.has(name) && typeof value === "string");
  write({ path: location.pathname, form: form.dataset.keep, typed, refused: false });
}

function write(kept) {
  try {
    if (kept) sessionStorage.setItem(SLOT, JSON.stringify(kept));
    else sessionStorage.removeItem(SLOT);
  } catch {
    // Storage may be forbidden or full; Back is then the way to the text.
  }
}

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(SLOT));
  } catch {
    return null;
  }
}

function fill(form, typed) {
  const left = [...typed];
  for (const field of fieldsOf(form)) {
    const values = left.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
    else if (field.options) for (const option of field.options) option.selected = values.includes(option.value);
    else if (values.length) {
      field.value = values[0];
      left.splice(left.findIndex(([name]) => name === field.name), 1);
    }
  }
}

// The sign-in page and the page that refuses an old form hold on to the text; any other page ends its keeping.
function goOn() {
  const kept = read();
  if (!kept) return;
  if (location.pathname === signIn.pathname || document.querySelector("[data-holds-typed]")) {
    write({ ...kept, refused: true });
    return;
  }
  write(null);
  if (!kept.refused || kept.path !== location.pathname) return;
  const form = Array.from(document.querySelectorAll("form[data-keep]")).find((one) => one.dataset.keep === kept.form);
  if (!form) return;
  fill(form, kept.typed);
  document.getElementById("put-back").hidden = false;
  // What is reckoned from the fields while one types is reckoned from what was put back.
  const [first] = fieldsOf(form);
  if (first) first.dispatchEvent(new Event("input", { bubbles: true }));
}

// Signed in anew in another window, the secret in this page's forms is an old one: they get the new one.
async function renew() {
  if (signedOut.hidden || document.visibilityState !== "visible") return;
  const answer = await fetch(location.href, { redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const secret = page.querySelector("[name=csrfmiddlewaretoken]");
  if (!secret) return;
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = secret.value;
  signedOut.hidden = true;
}

document.addEventListener("htmx:responseError", (event) => {
  if (event.detail.xhr.status === 401) signedOut.hidden = false;
});
window.addEventListener("focus", renew);
document.addEventListener("visibilitychange", renew);
window.addEventListener("load", goOn);
