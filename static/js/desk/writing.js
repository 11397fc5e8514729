// One writing to the server, and what became of it.

export const WAITS = [2, 4, 8, 15, 30, 60]; // seconds between two tries
const PATIENCE = 20_000; // milliseconds for one answer

function secretOf(scope) {
  return scope.querySelector("[name=csrfmiddlewaretoken]");
}

// Signed in anew in another window: the page's secret is an old one.
async function renewSecret() {
  const answer = await fetch(location.href, { redirect: "manual" }).catch(() => null);
  if (!answer?.ok) return false;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = secretOf(page)?.value;
  if (!fresh) return false;
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = fresh;
  return true;
}

function bodyOf(record) {
  const body = new URLSearchParams(record.typed);
  body.set("version", record.version);
  body.set("writer", record.writer);
  for (const own of record.unanswered) body.append("unanswered", own);
  body.set("csrfmiddlewaretoken", secretOf(document)?.value || "");
  return body;
}

async function post(record) {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    return await fetch(record.address, {
      method: "POST",
      body: bodyOf(record),
      redirect: "manual",
      signal: stop.signal,
    });
  } finally {
    clearTimeout(timer);
  }
}

// What became of a writing: saved, conflict, refused, signed-out, or failed (nobody knows; it is tried again).
export async function write(record, again = true) {
  let answer;
  try {
    answer = await post(record);
    if (answer.status === 200) return { kind: "saved", ...(await answer.json()) };
    if (answer.status === 409) {
      const said = await answer.json();
      return { kind: said.conflict ? "conflict" : said.refused ? "refused" : "failed", ...said };
    }
  } catch {
    return { kind: "failed" };
  }
  if (answer.type === "opaqueredirect" || answer.status === 401) return { kind: "signed-out" };
  if (answer.status === 403 && again && (await renewSecret())) return write(record, false);
  if (answer.status === 403 || answer.status === 404) return { kind: "refused" };
  return { kind: "failed" };
}
