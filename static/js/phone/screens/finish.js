// The end of a visit: what is missing, who has signed, what is where, and the way to the server.

import { button, h, icon } from "../dom";
import { isRated, newest, ratingsOf, standing } from "../records";
import { onServer, phaseWords, shadeOf, wordsFor } from "../state";
import { t, time } from "../texts";
import { isOpen, listed, notHere, packOf, walk } from "./visit";

function missing(pack, ratings, findings) {
  const stands = (item) => standing(item, ratings.get(item.code));
  const base = walk(pack).filter((item) => !item.bonus);
  const items = base.filter((item) => !isRated(stands(item)));
  const unchecked = base.filter((item) => stands(item).cannot_check);
  const unclosed = findings.filter((row) => row.waiting && !row.complete);
  if (!items.length && !unclosed.length && !unchecked.length) return h("p.is-there", {}, icon("meets"), t("nothing_missing"));
  const link = (href, text) => h("li", {}, h("a", { href }, h("span", {}, text)));
  const to = (code) => `#/visit/${pack.id}/item/${encodeURIComponent(code)}`;
  const unrated = h(
    "ul.task-list",
    {},
    items.map((item) => link(to(item.code), `${item.code} ${item.name}`)),
    unclosed.map((row) => link(`${to(row.subject)}/finding/${row.key}`, t("finding_unclosed", { code: row.subject }))),
  );
  if (!unchecked.length) return unrated;
  const why = (item) => link(to(item.code), `${item.code} ${item.name}: ${stands(item).cannot_check}`);
  return [unrated, h("p", {}, t("unchecked")), h("ul.task-list", {}, unchecked.map(why))];
}

function signature(pack, records, who, name, open) {
  const row = newest(records.filter((one) => one.kind === "signature" && one.subject === who));
  const words = row ? `${row.payload.name} · ${time(row.payload.signed_at)} · ${wordsFor(row)}` : t("not_signed");
  return h(
    "li",
    {},
    h(open && !row?.frozen ? "a" : "span.task", { href: open && !row?.frozen ? `#/visit/${pack.id}/sign/${who}` : null }, h("span", {}, name), h("span.task-state", { class: `task-state ${row ? "is-done" : ""}` }, words)),
  );
}

function places(rows) {
  const waiting = rows.filter((row) => row.waiting);
  const held = rows.filter((row) => row.problem || row.state === "quarantined" || (row.waiting && row.complete === false));
  const line = (row) => h("li", { class: shadeOf(row) }, `${t(`kind_${row.kind || "photo"}`)} ${row.subject && !row.subject.includes("-") ? row.subject : row.item || ""}: ${wordsFor(row)}`);
  const count = (kind) => waiting.filter((row) => (row.kind || "photo") === kind).length;
  const kinds = ["rating", "finding", "signature", "photo"].filter(count);
  return [
    kinds.length ? h("ul", {}, kinds.map((kind) => h("li.num", {}, `${t(`kind_${kind}`)}: ${t("state_phone")} · ${count(kind)}`))) : null,
    held.length ? h("ul", {}, held.map(line)) : null,
  ];
}

function standingWords(app, here, there) {
  if (!here && !there) return h("p", {}, t("nothing_recorded"));
  if (here) return h("p.is-here", {}, t("phone_only"));
  return h("p.is-there", {}, icon("meets"), t("all_on_server"));
}

export async function finish(app, { id }) {
  const pack = await packOf(app, id);
  if (!pack) return notHere();
  const [records, photos] = await Promise.all(["records", "photos"].map((name) => app.store.of(name, id)));
  const rows = [...records, ...photos];
  const here = rows.filter((row) => row.waiting).length;
  const there = onServer(listed(app, id));
  const open = isOpen(app, pack);
  const phase = h("p.form-text", {}, phaseWords(app.sync.state, here));
  return {
    title: t("finish"),
    back: `#/visit/${id}`,
    follows: true,
    body: [
      h("p.item-facts", {}, pack.organ.name),
      h("h1", {}, t("finish")),
      h("h2", {}, t("missing")),
      missing(pack, ratingsOf(records), records.filter((row) => row.kind === "finding")),
      h("h2", {}, t("signatures")),
      h("ul.task-list", {}, pack.members.map((one) => signature(pack, records, `inspector-${one.id}`, one.name, open)), signature(pack, records, "organ", t("organ_side"), open)),
      h("h2", {}, t("where_it_is")),
      h("p.ledger.num", { class: `ledger num ${here ? "is-here" : ""}` }, t("ledger", { phone: here, server: there })),
      standingWords(app, here, there),
      places(rows),
      phase,
      !here && open ? h("p", {}, t("file_online"), " ", h("a.phone-link", { href: `/inspections/${id}/` }, t("file_link"))) : null,
    ],
    foot: here ? [button(t("to_server"), () => app.sync.now({ atOnce: true }), { kind: "btn-primary" })] : null,
  };
}
