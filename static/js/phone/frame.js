// What stands around every screen: the bar with the way back, the line that says what is where, the foot for one thumb.

import { h } from "./dom";
import { onServer, phaseWords } from "./state";
import { language, t } from "./texts";

const part = (id) => document.getElementById(id);

export function dress() {
  document.documentElement.lang = language;
  part("phone-name").textContent = t("visits");
  part("phone-back").setAttribute("aria-label", t("back"));
  part("phone-skip").textContent = t("skip");
  for (const link of document.querySelectorAll("[data-language]")) {
    if (link.dataset.language === language) link.setAttribute("aria-current", "true");
    link.addEventListener("click", (event) => {
      event.preventDefault();
      try {
        localStorage.setItem("portal.language", link.dataset.language);
      } catch {
        return;
      }
      location.reload();
    });
  }
  part("phone-skip").addEventListener("click", (event) => {
    event.preventDefault();
    part("main").focus();
  });
}

export function draw({ title, back, body, foot }, { isNew }) {
  document.title = `${title} – ${t("visits")}`;
  const home = part("phone-back");
  home.hidden = !back;
  if (back) home.setAttribute("href", back);
  part("main").replaceChildren(...h("div", {}, body).childNodes);
  part("phone-foot").replaceChildren(...h("div", {}, foot).childNodes);
  part("phone-foot").hidden = !part("phone-foot").childElementCount;
  if (!isNew) return;
  window.scrollTo(0, 0);
  part("main").focus({ preventScroll: true });
}

const SIGNED_OUT = { signed_out: "signed_out", other_user: "other_user" };

/** The line below the bar: what only this phone has, what the engine does, whether somebody has to sign in. */
export function say({ state, waiting, packs, person }) {
  const line = part("phone-state");
  const words = [];
  if (SIGNED_OUT[state.phase]) {
    words.push(t(SIGNED_OUT[state.phase], { name: person?.name || "" }), " ", h("a", { href: signInAddress() }, t("sign_in")));
  } else {
    const there = (packs?.visits || []).reduce((sum, visit) => sum + onServer(visit), 0);
    if (waiting) words.push(h("strong", {}, t("phone_only")), " ", h("span.phase", {}, t("ledger", { phone: waiting, server: there })));
    else if (there) words.push(t("all_on_server"));
    const phase = phaseWords(state, waiting);
    if (phase) words.push(h("span.phase", {}, phase));
  }
  const text = words.map((word) => word.textContent ?? word).join("");
  line.className = `phone-state ${SIGNED_OUT[state.phase] ? "is-problem" : waiting ? "is-here" : "is-there"}`;
  line.hidden = !words.length;
  if (line.dataset.said === text) return;
  line.dataset.said = text;
  line.replaceChildren(...words);
}

export function signInAddress() {
  return `/accounts/sign-in/?next=${encodeURIComponent("/visits/phone/")}`;
}
