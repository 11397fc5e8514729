// Conveniences only: every page works without them.
import "bootstrap/js/dist/alert";
import "bootstrap/js/dist/collapse";
import { start as startAutosave } from "./autosave";
import { startCopying } from "./copying";
import { keep } from "./session_end";
import { startProofs } from "./proof";
import { startPads } from "./signature_pad";
import "./unsent";
import "./uploads";

const root = document.documentElement;

// After a refused form the summary of errors is read first.
function focusErrors(scope) {
  const summary = scope.querySelector("[data-error-summary]");
  if (summary) summary.focus();
}

function showTextSize() {
  const size = root.dataset.textSize || "normal";
  for (const button of document.querySelectorAll("[data-set-text-size]")) {
    button.setAttribute("aria-pressed", String(button.dataset.setTextSize === size));
  }
}

function setTextSize(size) {
  root.dataset.textSize = size;
  try {
    localStorage.setItem("portal.text-size", size);
  } catch {
    // Chosen for this page only where storage is forbidden.
  }
  showTextSize();
}

function toggleNavigation(button) {
  const open = document.getElementById(button.getAttribute("aria-controls")).classList.toggle("is-open");
  button.setAttribute("aria-expanded", String(open));
}

document.addEventListener("click", (event) => {
  const size = event.target.closest("[data-set-text-size]");
  if (size) setTextSize(size.dataset.setTextSize);
  const toggle = event.target.closest("[data-nav-toggle]");
  if (toggle) toggleNavigation(toggle);
  const print = event.target.closest("[data-print]");
  if (print) window.print();
});

// Back and the same once more: the page has come anew with a new key, but the browser has filled the form in again.
// Where it still says what was sent from it, the first key goes along, and the server leads to the first effect.
let cameBack = performance.getEntriesByType("navigation")[0]?.type === "back_forward";

// A number made from what the form says; the words themselves are kept nowhere.
function contents(form, submitter) {
  let mark = 5381;
  for (const [name, value] of new FormData(form, submitter)) {
    if (name === "form_key" || name === "csrfmiddlewaretoken") continue;
    const text = typeof value === "string" ? value : `${value.name} ${value.size}`;
    for (const sign of `${name}=${text};`) mark = (Math.imul(mark, 33) ^ sign.codePointAt(0)) >>> 0;
  }
  return mark;
}

function chooseKey(form, submitter) {
  const key = form.querySelector("[name=form_key]");
  if (!key) return;
  const slot = `portal.sent ${location.pathname} ${submitter?.formAction || form.action}`;
  const mark = contents(form, submitter);
  try {
    const [sent, first] = JSON.parse(sessionStorage.getItem(slot) || "[]");
    if (cameBack && sent === mark) key.value = first;
    else sessionStorage.setItem(slot, JSON.stringify([mark, key.value]));
  } catch {
    // Storage may be forbidden; what was sent twice on purpose then counts twice.
  }
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

// A second click on the same button sends nothing. The server refuses the double as well; this only shows it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.matches("[hx-post]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "true";
  chooseKey(form, event.submitter);
  if (form.matches("[data-keep]")) keep(form);
  if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
});

// Back from the next page may show this one as it was left: its buttons must work again, and a changed form is new.
window.addEventListener("pageshow", (event) => {
  if (event.persisted) {
    cameBack = true;
    for (const key of document.querySelectorAll("[name=form_key]")) key.value = newKey();
  }
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }
});

document.addEventListener("htmx:afterSwap", (event) => focusErrors(event.target));

startCopying();
startPads();
startProofs();
showTextSize();
startAutosave();
focusErrors(document);
// An address that ends in "#main", as the skip link leaves it, takes the focus there while the page loads.
window.addEventListener("load", () => {
  if (document.activeElement === document.getElementById("main")) focusErrors(document);
});
