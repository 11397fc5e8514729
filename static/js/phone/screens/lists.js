// Three lists: what is to do, what only this phone has, what the server has.

import { button, h, icon } from "../dom";
import { storageWarnings } from "../device";
import { getReady, isReady } from "../packs";
import { onServer, waitingOf } from "../state";
import { t } from "../texts";

const TABS = ["todo", "phone", "server"];

function belongs(tab, visit, waiting) {
  if (tab === "todo") return visit.state !== "filed";
  if (tab === "phone") return waiting > 0;
  return visit.state === "filed" || onServer(visit) > 0;
}

function tabs(chosen, counts) {
  return h(
    "nav.phone-tabs",
    { "aria-label": t("lists") },
    TABS.map((tab) =>
      h("a", { href: `#/${tab}`, "aria-current": tab === chosen ? "page" : null }, t(`tab_${tab}`), " ", h("span.num", {}, String(counts[tab]))),
    ),
  );
}

function readiness(app, visit, ready) {
  if (visit.state === "filed") return h("p.visit-state.is-there", {}, t("filed"));
  if (ready) return h("p.visit-state.is-there", {}, icon("meets"), t("ready"));
  const said = app.readying.get(visit.id);
  const start = button(t("get_ready"), () => makeReady(app, visit), { sign: "ready", "aria-busy": said?.busy ? "true" : null });
  return h("div", {}, start, h("p.form-text", { role: "status" }, said?.text || ""));
}

async function makeReady(app, visit) {
  if (app.readying.get(visit.id)?.busy) return;
  sayOf(app, visit, t("getting_ready"), true);
  try {
    const told = await getReady(app.store, visit.id, app.packs.csrf);
    const what = told.lacking.map((name) => t(`lacks_${name}`)).join(t("and"));
    sayOf(app, visit, told.ready ? "" : t("not_ready", { what }));
    if (told.ready) await app.refresh();
  } catch {
    sayOf(app, visit, t("not_ready_network"));
  }
}

/** Notes what is said, and shows it in the card that is on the screen now: the list may have been drawn anew. */
function sayOf(app, visit, text, busy = false) {
  app.readying.set(visit.id, { text, busy });
  const card = document.querySelector(`[data-visit="${visit.id}"]`);
  const state = card?.querySelector("[role=status]");
  if (!state) return;
  state.textContent = text;
  card.querySelector("button").toggleAttribute("aria-busy", false);
  if (busy) card.querySelector("button").setAttribute("aria-busy", "true");
}

function card(app, visit, waiting, ready) {
  const facts = [visit.visit_on, visit.kind_label, visit.region].filter(Boolean).join(" · ");
  return h(
    "article.visit-card",
    { "data-visit": visit.id },
    h("h2", {}, h("a", { href: `#/visit/${visit.id}` }, visit.organ)),
    h("p.num", {}, facts),
    h("p", {}, visit.address || h("span.not-provided", {}, t("no_address"))),
    visit.state === "returned" && h("div.alert.alert-warning", {}, h("strong", {}, t("returned")), h("p", {}, visit.comment)),
    h("p.num", {}, t("rated_of", { rated: visit.rated, items: visit.items })),
    h("p.ledger.num", { class: `ledger num ${waiting ? "is-here" : ""}` }, t("ledger", { phone: waiting, server: onServer(visit) })),
    readiness(app, visit, ready),
  );
}

function empty(tab) {
  return h("div.empty", {}, h("h2", {}, t(`empty_${tab}`)), h("p", {}, t(`empty_${tab}_text`)));
}

export async function lists(app, { tab = "todo" }) {
  const visits = app.packs?.visits || [];
  const waiting = await waitingOf(app.store);
  const chosen = TABS.includes(tab) ? tab : "todo";
  const counts = Object.fromEntries(
    TABS.map((name) => [name, visits.filter((visit) => belongs(name, visit, waiting.get(visit.id) || 0)).length]),
  );
  const rows = visits.filter((visit) => belongs(chosen, visit, waiting.get(visit.id) || 0));
  const ready = await Promise.all(rows.map((visit) => isReady(app.store, visit.id)));
  const cards = rows.map((visit, place) => card(app, visit, waiting.get(visit.id) || 0, ready[place]));
  // The browser is asked when the first visit is made ready; before that there is nothing that it could lose.
  const warnings = ready.includes(true) || waiting.size ? await storageWarnings() : [];
  return {
    title: t("visits"),
    body: [
      h("h1", {}, t("visits")),
      app.offlineWork ? null : h("p.alert.alert-warning", {}, t("too_old")),
      tabs(chosen, counts),
      cards.length ? cards : empty(chosen),
      warnings.map((text) => h("p.alert.alert-warning", {}, text)),
      h("p", {}, h("a.phone-link", { href: "#/copy" }, t("copy_title"))),
      h("p", {}, h("a.phone-link", { href: "/inspections/" }, t("portal_pages"))),
    ],
    follows: true,
  };
}
