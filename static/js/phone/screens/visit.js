// One visit: where, whom to call, what to look at, what is where.

import { pointsText, words } from "../answers";
import { h, icon } from "../dom";
import { load } from "../packs";
import { isRated, ratingsOf, standing } from "../records";
import { onServer, wordsFor } from "../state";
import { t } from "../texts";

/** The visit as it is on this phone, fetched where it is not; null where it cannot be had now. */
export async function packOf(app, visit) {
  const kept = await app.store.pack(visit);
  if (kept) return kept;
  try {
    return await load(app.store, visit);
  } catch {
    return null;
  }
}

export function notHere() {
  return {
    title: t("not_here"),
    back: "#/todo",
    body: [h("h1", {}, t("not_here")), h("p", {}, t("not_here_text")), h("p", {}, h("a.phone-link", { href: "#/todo" }, t("visits")))],
  };
}

/** The items in the order of the walk: what is decided by looking comes first. */
export function walk(pack) {
  return [...pack.items.filter((item) => item.site), ...pack.items.filter((item) => !item.site)];
}

export function listed(app, visit) {
  return app.packs?.visits.find((one) => one.id === Number(visit));
}

export function isOpen(app, pack) {
  const row = listed(app, pack.id);
  return !row || row.state !== "filed";
}

function about(pack) {
  const { organ } = pack;
  return h(
    "div.panel",
    {},
    h("p", {}, icon("place"), organ.address || h("span.not-provided", {}, t("no_address"))),
    pack.contacts.map(({ name, phone }) =>
      h("p", {}, phone ? h("a.phone-link", { href: `tel:${phone}` }, icon("call"), `${name} ${phone}`) : name),
    ),
    h("p", {}, t("team"), " ", pack.members.map((one) => (one.id === pack.lead.id ? t("lead", { name: one.name }) : one.name)).join(t("and"))),
    h("p.small-note", {}, t("standard"), " ", pack.standard_name),
  );
}

function itemRow(pack, item, ratings, photos) {
  const rating = standing(item, ratings.get(item.code));
  const here = photos.filter((photo) => photo.item === item.code).length;
  const state = [words(item, rating)];
  if (here) state.push(t("photos_n", { n: here }));
  return h(
    "li",
    {},
    h(
      "a",
      { href: `#/visit/${pack.id}/item/${encodeURIComponent(item.code)}` },
      h("span", {}, `${item.code} ${item.name}`),
      h("span.task-state", { class: `task-state ${isRated(rating) ? "is-done" : ""}` }, state.join(" · ")),
    ),
  );
}

function section(name, pack, items, ratings, photos) {
  if (!items.length) return null;
  return [h("h2", {}, t(name)), h("ul.task-list", {}, items.map((item) => itemRow(pack, item, ratings, photos)))];
}

function kept(rows) {
  const held = rows.filter((row) => row.state === "quarantined" || row.problem);
  if (!held.length) return null;
  return h(
    "section.alert.alert-warning",
    {},
    h("h2", {}, t("quarantine", { n: held.length })),
    h("ul", {}, held.map((row) => h("li", {}, `${t(`kind_${row.kind || "photo"}`)} ${row.subject || row.item || ""}: ${wordsFor(row)}`))),
  );
}

function lastFindings(pack) {
  if (!pack.last_findings?.length) return null;
  const rows = pack.last_findings.map((one) => h("li", {}, [one.year, one.item, one.text, one.state].filter(Boolean).join(" · ")));
  return [h("h2", {}, t("last_findings")), h("ul", {}, rows)];
}

export async function visit(app, { id }) {
  const pack = await packOf(app, id);
  if (!pack) return notHere();
  const [records, photos] = await Promise.all(["records", "photos"].map((name) => app.store.of(name, id)));
  const ratings = ratingsOf(records);
  const items = walk(pack);
  const missing = items.filter((item) => !item.bonus && !isRated(standing(item, ratings.get(item.code))));
  const here = [...records, ...photos].filter((row) => row.waiting).length;
  const go = missing[0] || items[0];
  const row = listed(app, id);
  return {
    title: pack.organ.name,
    back: "#/todo",
    follows: true,
    body: [
      h("h1", {}, pack.organ.name),
      h("p.num", {}, [pack.kind_label, pack.visit_on, pack.organ.region].filter(Boolean).join(" · ")),
      row?.state === "returned" && h("div.alert.alert-warning", {}, h("strong", {}, t("returned")), h("p", {}, row.comment)),
      h("p.ledger.num", { class: `ledger num ${here ? "is-here" : ""}` }, t("ledger", { phone: here, server: onServer(row) })),
      kept([...records, ...photos]),
      about(pack),
      section("on_site", pack, items.filter((item) => item.site), ratings, photos),
      section("from_papers", pack, items.filter((item) => !item.site), ratings, photos),
      lastFindings(pack),
    ],
    foot: isOpen(app, pack)
      ? h(
          "div.foot-halves",
          {},
          h("a.btn.btn-secondary", { href: `#/visit/${id}/finish` }, t("finish")),
          h("a.btn.btn-primary", { href: `#/visit/${id}/item/${encodeURIComponent(go.code)}` }, t("go_on", { code: go.code })),
        )
      : null,
  };
}

export const itemFacts = (pack, item) => {
  const items = walk(pack);
  const facts = [t("item_of", { n: items.indexOf(item) + 1, of: items.length })];
  if (Number(item.points)) facts.push(pointsText(item.points));
  if (item.bonus) facts.push(t("bonus"));
  return facts.join(" · ");
};
