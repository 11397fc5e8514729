// One photo on its way: asked where it stands, sent part by part from there, let go only against its hash.

import * as api from "./api";

// A photo whose bytes arrive wrong again and again is not sent for ever; it stays here, with a word about it.
const ATTEMPTS = 3;
const LATER_MS = 10 * 60_000;

function announcement(photo, user) {
  const { device, key, number, sha256, size, item, finding } = photo;
  const { taken_at, latitude = null, longitude = null, accuracy = null } = photo;
  return { device, user, key, number, sha256, size, item, finding, taken_at, latitude, longitude, accuracy };
}

/** Sends a photo and keeps what became of it. Throws what the way to the server throws; what arrived is not lost. */
export async function upload(photo, { store, csrf, limits }) {
  const known = await store.change("photos", photo.key, (row) =>
    row?.waiting && !row.announced ? { ...row, announced: true } : undefined,
  );
  if (!known?.waiting) return;
  const where = `/visits/${photo.visit}/photos/`;
  let told = await api.post(where, announcement(known, store.user), csrf);
  const bytes = told.done ? null : await store.get("bytes", photo.key);
  if (!told.done && !bytes) throw new Error("a photo without its bytes");
  for (let anew = 0; !told.done; ) {
    const part = bytes.slice(told.received, told.received + limits.chunk_bytes);
    const next = await api.postBytes(`${where}${photo.key}/?offset=${told.received}`, part, csrf);
    if (!next.done && next.received <= told.received) anew += 1;
    if (anew >= ATTEMPTS) return note(store, photo.key, "photo_not_taken");
    told = next;
  }
  return receive(store, photo.key, told);
}

/** The receipt: only a hash that is our own lets the copy on this phone go. */
function receive(store, key, told) {
  return store.change("photos", key, (row) => {
    if (!row?.waiting) return undefined;
    if (told.sha256 !== row.sha256) return { ...row, problem: "photo_not_taken", ask_after: Date.now() + LATER_MS };
    const { waiting, ask_after, problem, ...kept } = row;
    return { ...kept, state: told.state || "landed", reason: told.reason || "", receipt: told.sha256 };
  });
}

/** Keeps a photo here with the reason why it does not go, to be tried again later. */
export function note(store, key, problem, reason = "") {
  return store.change("photos", key, (row) =>
    row?.waiting ? { ...row, problem, reason, ask_after: Date.now() + LATER_MS } : undefined,
  );
}
