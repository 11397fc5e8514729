// Photos: made small enough to travel, kept with their hash, shown again after reopening.

import { newKey, sha256 } from "./keys";
import { whereNow } from "./place";

const THUMB_SIDE = 240;
// How long a photo stays here although there is a network: while its place is sought, while somebody draws on it.
export const PLACE_MS = 12_000;
export const DRAWING_MS = 120_000;

function canvasOf(picture, side) {
  const scale = Math.min(1, side / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // what is transparent would become black
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  return canvas;
}

function toBlob(canvas, quality) {
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no picture"))), "image/jpeg", quality);
  });
}

/** A JPEG of at most `photo_bytes` bytes and `photo_side` pixels on its long side: first coarser, then smaller. */
export async function shrink(picture, limits) {
  let side = limits.photo_side;
  for (;;) {
    const canvas = canvasOf(picture, side);
    for (const quality of [0.85, 0.75, 0.65, 0.5]) {
      const blob = await toBlob(canvas, quality);
      if (blob.size <= limits.photo_bytes || side < 200) return { blob, canvas };
    }
    side = Math.round(side * 0.8);
  }
}

function pictureOf(blob) {
  return createImageBitmap(blob, { imageOrientation: "from-image" });
}

async function parts(picture, limits) {
  const { blob, canvas } = await shrink(picture, limits);
  const bytes = await blob.arrayBuffer();
  const thumb = canvasOf(canvas, THUMB_SIDE).toDataURL("image/jpeg", 0.7);
  const row = { sha256: await sha256(bytes), size: bytes.byteLength, thumb, width: canvas.width, height: canvas.height };
  return { bytes, row };
}

/** Keeps a photo from the camera or from a file; its place follows when it is known. Throws where it is no picture. */
export async function takePhoto(store, { visit, item, finding = null, file, limits }) {
  const place = whereNow();
  const picture = await pictureOf(file);
  const { bytes, row } = await parts(picture, limits);
  picture.close();
  const key = newKey();
  const now = Date.now();
  const begun = { key, visit: Number(visit), item, finding, taken_at: new Date(now).toISOString(), place: "sought" };
  const state = { state: "waiting", waiting: 1, reason: "", held_until: now + PLACE_MS };
  const photo = await store.change("photos", key, () => ({ ...begun, ...row, ...state }), bytes);
  place.then((found) => setPlace(store, key, found));
  return photo;
}

function setPlace(store, key, found) {
  return store.change("photos", key, (row) => {
    if (!row || row.announced || row.place !== "sought") return undefined;
    const held = row.held_until > Date.now() + PLACE_MS ? row.held_until : 0; // somebody may be drawing
    return { ...row, ...found, place: found ? "known" : "none", held_until: held };
  });
}

/** Keeps the photo with what was drawn on it; one that the server knows already stays as it is and null comes back. */
export async function redraw(store, key, canvas, limits) {
  const { bytes, row } = await parts(canvas, limits);
  let changed = false;
  const photo = await store.change(
    "photos",
    key,
    (now) => {
      if (!now || now.announced) return undefined;
      changed = true;
      return { ...now, ...row, held_until: 0 };
    },
    bytes,
  );
  return changed ? photo : null;
}

/** Holds a photo back for a moment, or lets it go; tells whether it can still be changed. */
export async function hold(store, key, milliseconds) {
  const row = await store.change("photos", key, (now) =>
    now && !now.announced ? { ...now, held_until: milliseconds ? Date.now() + milliseconds : 0 } : undefined,
  );
  return !!row && !row.announced && !!row.waiting;
}

export function discardPhoto(store, key) {
  return store.change("photos", key, (row) => (row && !row.announced ? null : undefined));
}

/** The photo as a picture to draw on; null once its bytes are on the server only. */
export async function fullPicture(store, key) {
  const bytes = await store.get("bytes", key);
  return bytes ? pictureOf(new Blob([bytes], { type: "image/jpeg" })) : null;
}
