// Conveniences only: every page works without them.
import "bootstrap/js/dist/alert";
import "bootstrap/js/dist/collapse";

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

// A second click on the same button sends nothing. The server refuses the double as well; this only shows it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "post" || form.matches("[hx-post]")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "true";
  if (event.submitter) event.submitter.setAttribute("aria-busy", "true");
});

// Back from the next page shows this one as it was left: its buttons must work again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("form[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  }
});

document.addEventListener("htmx:afterSwap", (event) => focusErrors(event.target));

showTextSize();
focusErrors(document);
