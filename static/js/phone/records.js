// What is recorded beside photos: ratings, findings, signatures. A record may change until its first try to reach the
// server; from then on it is `frozen`, and a change is a new record with a higher number.

import { newKey } from "./keys";

// Somebody who is still typing is not interrupted, and not every letter becomes a record.
export const QUIET_MS = 4000;

/** Keeps a rating or a signature: in the record of the same subject that has not been tried yet, or in a new one. */
export async function keepAbout(store, { visit, kind, subject, payload, complete }) {
  const own = await about(store, visit, kind, subject);
  const open = own && own.waiting && !own.frozen ? own : null;
  return keep(store, { key: open?.key || newKey(), visit, kind, subject, payload, complete });
}

/** Keeps a record of this key; one that has been tried already stays as it is. */
export function keep(store, { key, visit, kind, subject, payload, complete }) {
  const now = new Date();
  return store.change("records", key, (row) => {
    if (row?.frozen) return undefined;
    return {
      ...(row || { key, visit: Number(visit), kind, subject, state: "waiting", waiting: 1, reason: "" }),
      payload,
      complete,
      recorded_at: now.toISOString(),
      changed_at: now.getTime(),
    };
  });
}

export function discard(store, key) {
  return store.change("records", key, (row) => (row && !row.frozen ? null : undefined));
}

/** The newest record of this device about a subject. */
export async function about(store, visit, kind, subject) {
  const rows = await store.of("records", visit);
  return newest(rows.filter((row) => row.kind === kind && row.subject === subject));
}

export function newest(rows) {
  return rows.reduce((last, row) => (last && last.number > row.number ? last : row), null);
}

/** The newest rating of each item, by code. */
export function ratingsOf(rows) {
  const found = new Map();
  for (const row of rows) {
    if (row.kind !== "rating") continue;
    const other = found.get(row.subject);
    if (!other || other.number < row.number) found.set(row.subject, row);
  }
  return found;
}

/** What stands at an item: this phone's own word, or the team's where that is newer. */
export function standing(item, row) {
  const theirs = item.rating;
  const empty = { found: null, not_applicable: false, remark: "", cannot_check: "", version: 0 };
  if (!row || row.state === "quarantined" || row.state === "settled") return { ...empty, ...theirs, own: null };
  if (!row.waiting && theirs && theirs.version > (row.version || 0)) return { ...empty, ...theirs, own: null };
  return { ...empty, ...row.payload, version: Math.max(row.version || 0, theirs?.version || 0), own: row };
}

export function isRated(rating) {
  return rating.found !== null || rating.not_applicable || rating.cannot_check !== "";
}

/** Marks the records that are to go now, so that nothing of them changes any more, and returns them. */
export async function freeze(store, visit, { atOnce }) {
  const before = Date.now() - (atOnce ? 0 : QUIET_MS);
  const rows = (await store.of("records", visit)).filter((row) => row.waiting && row.complete);
  const going = [];
  for (const row of rows) {
    if (row.frozen) going.push(row);
    else if (row.changed_at <= before) {
      const frozen = await store.change("records", row.key, (now) =>
        now && !now.frozen && now.complete && now.changed_at <= before
          ? { ...now, frozen: true, text: JSON.stringify(now.payload) }
          : undefined,
      );
      if (frozen?.frozen) going.push(frozen);
    }
  }
  return going.sort((one, other) => one.number - other.number);
}
