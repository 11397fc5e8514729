// A copy of everything that only this phone has, as a file that another device of the same person can load. The keys
// stay what they are, so that nothing lands twice.

const FORMAT = "visits-copy/1";
const PIECE = 0x8000;

function toText(bytes) {
  const all = new Uint8Array(bytes);
  let text = "";
  for (let at = 0; at < all.length; at += PIECE) text += String.fromCharCode(...all.subarray(at, at + PIECE));
  return btoa(text);
}

function toBytes(text) {
  return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0)).buffer;
}

/** A JSON file with all that waits. */
export async function makeCopy(store, user) {
  const [records, photos] = await Promise.all(["records", "photos"].map((name) => store.waiting(name)));
  const made = {};
  for (const row of [...records, ...photos]) {
    const slot = `made ${row.device} ${row.visit}`;
    if (made[slot]) continue;
    const counts = ["records", "photos"].map(async (name) => {
      return (await store.of(name, row.visit)).filter((one) => one.device === row.device).length;
    });
    const [records, photos] = await Promise.all(counts);
    made[slot] = { records, photos };
  }
  const withBytes = [];
  for (const photo of photos) withBytes.push({ ...photo, bytes: toText(await store.get("bytes", photo.key)) });
  const text = JSON.stringify({ format: FORMAT, user, saved_at: new Date().toISOString(), made, records, photos: withBytes });
  return new Blob([text], { type: "application/json" });
}

/** Loads a copy and returns how many things are new here. Throws "format" or "user" for a file that is not ours. */
export async function loadCopy(store, user, file) {
  let copy;
  try {
    copy = JSON.parse(await file.text());
  } catch {
    throw new Error("format");
  }
  if (copy?.format !== FORMAT || !Array.isArray(copy.records) || !Array.isArray(copy.photos)) throw new Error("format");
  if (copy.user?.id !== user.id) throw new Error("user");
  let added = 0;
  const add = (name, row, bytes = null) =>
    store.change(name, row.key, (now) => {
      if (now) return undefined;
      added += 1;
      // What was being typed there is not typed on here: it goes as it stands.
      return name === "records" ? row : { ...row, held_until: 0 };
    }, bytes);
  for (const [slot, counts] of Object.entries(copy.made || {})) await store.setMeta(slot, counts);
  for (const row of copy.records) await add("records", row);
  for (const { bytes, ...row } of copy.photos) await add("photos", row, toBytes(bytes));
  return added;
}
