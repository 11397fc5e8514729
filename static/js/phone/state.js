// In words, what is where: never a word of arrival before the receipt.

import { t } from "./texts";

/** One record or photo in words. */
export function wordsFor(row) {
  if (row.problem) return row.reason ? `${t(row.problem)} ${row.reason}` : t(row.problem);
  if (row.waiting) return row.complete === false ? t("state_incomplete") : t("state_phone");
  if (row.state === "quarantined") return `${t("state_quarantined")} ${row.reason}`.trim();
  return t({ superseded: "state_superseded", settled: "state_settled" }[row.state] || "state_server");
}

/** The shade that goes with the words; colour only repeats them. */
export function shadeOf(row) {
  if (row.problem || row.state === "quarantined") return "is-problem";
  return row.waiting ? "is-here" : "is-there";
}

export async function waitingOf(store) {
  const count = new Map();
  for (const name of ["records", "photos"]) {
    for (const { visit } of await store.waiting(name)) count.set(visit, (count.get(visit) || 0) + 1);
  }
  return count;
}

export function onServer(row) {
  return row ? row.on_server.records + row.on_server.photos : 0;
}

/** What the engine does now, in one short sentence; empty where there is nothing to say. */
export function phaseWords({ phase, at, of }, waiting) {
  if (phase === "records") return t("phase_records");
  if (phase === "photos") return t("phase_photo", { at, of });
  if (phase === "offline") return waiting ? t("phase_offline") : t("phase_no_network");
  if (phase === "failing") return t("phase_failing");
  return "";
}
