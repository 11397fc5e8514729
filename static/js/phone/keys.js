// Keys that are given once in the world, and the hashes by which phone and server know that they hold the same.

const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/** A random UUID; crypto.randomUUID is younger than the oldest browser that we serve. */
export function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const text = hex(bytes);
  return [0, 8, 12, 16, 20].map((from, at, all) => text.slice(from, all[at + 1])).join("-");
}

/** SHA-256 of an ArrayBuffer, or of the UTF-8 of a text, as 64 hexadecimal digits. */
export async function sha256(what) {
  const bytes = typeof what === "string" ? new TextEncoder().encode(what) : what;
  return hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}
