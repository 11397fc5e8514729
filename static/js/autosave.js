// Fields that save themselves. What is typed is kept on the device first and goes from there only when the server has
// said that it has it: a dead line, a restarted browser or a restarted server loses no word.

import { forget, keptOf, readRecord } from "./desk/kept";
import { sit } from "./desk/item";
import { WAITS, write } from "./desk/writing";

// What a page that was left has not been told of is sent once more; the server takes what it has already as a success.
// Tells whether nobody knows what became of it.
async function settle(slot) {
  const record = readRecord(slot);
  if (!record) return false;
  const outcome = await write(record);
  if (outcome.kind === "saved" && !Object.keys(outcome.faults).length) {
    const now = readRecord(slot);
    if (now && JSON.stringify(now.typed) === JSON.stringify(record.typed)) forget(slot);
  }
  return outcome.kind === "failed";
}

async function settleAll(file, except) {
  let failed = false;
  for (const slot of keptOf(file)) if (slot !== except) failed = (await settle(slot)) || failed;
  return failed;
}

function listKept(place) {
  const entries = [];
  for (const slot of keptOf(place.dataset.keptList)) {
    const record = readRecord(slot);
    if (!record) continue;
    const link = document.createElement("a");
    link.href = record.address.replace(/autosave\/$/, "");
    link.textContent = `${place.dataset.saysItem} ${slot.split(" ")[2]}`;
    const entry = document.createElement("li");
    entry.append(link);
    entries.push(entry);
  }
  place.querySelector("ul").replaceChildren(...entries);
  place.hidden = !entries.length;
}

// What no answer came for is tried again for as long as the page is open.
async function showKept(place, tries = 0) {
  const failed = await settleAll(place.dataset.keptList, "");
  listKept(place);
  if (failed) setTimeout(() => showKept(place, tries + 1), 1000 * WAITS[Math.min(tries, WAITS.length - 1)]);
}

// Browsers differ in how an access key is pressed; Alt and the letter works in all of them.
function pressKey(event) {
  if (!event.altKey || event.ctrlKey || event.metaKey || !event.code.startsWith("Key")) return;
  const button = document.querySelector(`[accesskey="${event.code.slice(3).toLowerCase()}"]`);
  if (!button) return;
  event.preventDefault();
  button.click();
}

export function start() {
  document.addEventListener("keydown", pressKey);
  const form = document.querySelector("form[data-autosave]");
  if (form) {
    sit(form);
    const [person, file] = form.dataset.slot.split(" ");
    window.addEventListener("load", () => settleAll(`${person} ${file}`, form.dataset.slot));
  }
  const place = document.querySelector("[data-kept-list]");
  if (place) window.addEventListener("load", () => showKept(place));
}
