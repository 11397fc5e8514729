// The way to the server. Every answer is JSON; what keeps work from landing has a name of its own.

export class Unreachable extends Error {}
export class SignedOut extends Error {}
export class OtherUser extends Error {}
export class OldSecret extends Error {}

export class Refused extends Error {
  constructor(status, told) {
    super(`refused: ${status}`);
    this.status = status;
    this.told = told;
  }
}

const AWAY = new Set([408, 429, 502, 503, 504]);
const TIME = 60_000;

/** Sends a request and returns [status, data]; a connection that ends without an answer is `Unreachable`. */
async function ask(path, { method = "GET", body, type, csrf, time = TIME } = {}) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), time);
  const headers = { Accept: "application/json" };
  if (type) headers["Content-Type"] = type;
  if (csrf) headers["X-CSRFToken"] = csrf;
  try {
    const answer = await fetch(path, { method, body, headers, signal: stop.signal, redirect: "manual", cache: "no-store" });
    if (answer.type === "opaqueredirect") throw new SignedOut();
    const text = await answer.text();
    return [answer.status, read(text)];
  } catch (error) {
    if (error instanceof SignedOut) throw error;
    throw new Unreachable(String(error));
  } finally {
    clearTimeout(timer);
  }
}

function read(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function judge(status, told) {
  if (status === 200 && told) return told;
  if (status === 401) throw new SignedOut();
  if (status === 403 && told?.error === "csrf") throw new OldSecret();
  if (status === 409 && told?.error === "other_user") throw new OtherUser();
  if (AWAY.has(status)) throw new Unreachable(String(status));
  throw new Refused(status, told);
}

export async function get(path) {
  return judge(...(await ask(path)));
}

/** Asks who is signed in and what there is to do; nobody is told in words, as to ask is no fault. */
export async function packs(query = "") {
  const told = await get(`/visits/packs/${query}`);
  if (!told.user) throw new SignedOut();
  return told;
}

export async function post(path, data, csrf) {
  return judge(...(await ask(path, { method: "POST", body: JSON.stringify(data), type: "application/json", csrf })));
}

/** Sends a part of a photo; 409 only says from where to go on. */
export async function postBytes(path, bytes, csrf) {
  const [status, told] = await ask(path, { method: "POST", body: bytes, type: "application/octet-stream", csrf });
  if (status === 409 && typeof told?.received === "number") return told;
  return judge(status, told);
}

/** Tells whether the portal answers at all; costs a few bytes. */
export async function answers() {
  try {
    const [status] = await ask("/healthz", { time: 10_000 });
    return status === 200;
  } catch {
    return false;
  }
}
