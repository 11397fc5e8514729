// The page of one item: its fields save themselves while somebody types.

import { forget, keepRecord, readRecord } from "./kept";
import { WAITS, write } from "./writing";

const PAUSE = 1500; // milliseconds without typing, after which a text is saved before its field is left
const SOON = 150; // a choice, or a field that was left
const OWN = 50; // writings without an answer that the server takes as the page's own

const SENT = "textarea[name=remark], [name=found], [name=not_applicable]";

function uuid() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6] & 0x0f) | 0x40;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

class Desk {
  constructor(form) {
    this.form = form;
    this.words = form.dataset;
    this.slot = form.dataset.slot;
    this.record = readRecord(this.slot); // what an earlier page could not bring to the server
    this.unanswered = this.record?.unanswered || [];
    this.changed = false; // since the last writing began
    this.unsaved = Boolean(this.record); // something typed has no answer from the server
    this.isKept = this.unsaved;
    this.writing = null;
    this.paused = Boolean(document.querySelector("[data-conflict]"));
    this.stopped = false;
    this.tries = 0;
    this.timer = 0;
    this.refusedByServer = Boolean(document.querySelector("[data-error-summary]"));
  }

  typed() {
    const names = new Set(Array.from(this.form.querySelectorAll(SENT), (field) => field.name));
    return Array.from(new FormData(this.form)).filter(([name, value]) => names.has(name) && typeof value === "string");
  }

  get version() {
    return this.form.querySelector("[name=version]").value;
  }

  set version(number) {
    for (const field of document.querySelectorAll("main [name=version]")) field.value = number;
  }

  say(text, bad = false) {
    const place = document.querySelector("[data-saved]");
    if (!place) return;
    if (place.textContent !== text) place.textContent = text;
    place.classList.toggle("is-unsaved", bad);
  }

  // Notes what the fields say, before anything is sent. While a choice is waited for, the words go on speaking of the
  // version they were typed over: a restart shows the two texts again.
  keep() {
    const typed = this.typed();
    const version = this.paused && this.record ? this.record.version : this.version;
    const text = JSON.stringify(typed);
    if (!this.record || JSON.stringify(this.record.typed) !== text) {
      if (this.record?.sent) this.unanswered = [...this.unanswered, this.record.writer].slice(-OWN);
      this.record = { writer: uuid(), sent: false };
    }
    Object.assign(this.record, {
      typed,
      address: this.words.autosave,
      version,
      unanswered: this.unanswered,
    });
    this.isKept = keepRecord(this.slot, this.record);
    this.unsaved = true;
  }

  touched(wait) {
    if (this.stopped) return;
    this.keep();
    this.changed = true;
    this.tries = 0;
    if (!this.paused) this.later(wait);
  }

  later(wait) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.save(), wait);
  }

  async save() {
    clearTimeout(this.timer);
    if (this.writing || this.paused || this.stopped || !this.unsaved) return;
    this.changed = false;
    this.record.version = this.version;
    this.record.sent = true;
    keepRecord(this.slot, this.record);
    this.say(this.words.saysSaving, true);
    this.writing = write({ ...this.record });
    const outcome = await this.writing;
    this.writing = null;
    this[outcome.kind.replace("-", "")](outcome);
  }

  saved(said) {
    this.tries = 0;
    this.unanswered = [];
    this.record.sent = false;
    this.version = said.version;
    this.showFaults(said.faults);
    this.showProgress(said);
    if (this.changed) {
      this.keep();
      this.later(SOON);
    } else if (Object.keys(said.faults).length) {
      this.record.version = said.version;
      keepRecord(this.slot, this.record);
      this.say(this.words.saysUnreadable, true);
    } else {
      this.unsaved = false;
      forget(this.slot);
      document.querySelector("[data-kept-back]").hidden = true;
      this.say(said.saved);
    }
  }

  failed() {
    this.say(this.isKept ? this.words.saysFailed : this.words.saysNotKept, true);
    this.later(1000 * WAITS[Math.min(this.tries, WAITS.length - 1)]);
    this.tries += 1;
  }

  signedout() {
    document.getElementById("signed-out").hidden = false;
    this.failed();
  }

  refused(said) {
    this.stopped = true;
    this.say(said.refused || this.words.saysRefused, true);
  }

  conflict(said) {
    this.paused = true;
    this.version = said.version; // whoever saves from now on has both texts before their eyes
    this.unanswered = [];
    this.record.sent = false;
    const place = document.getElementById("conflict-here");
    place.innerHTML = said.conflict;
    this.say(this.words.saysWaits, true);
    place.scrollIntoView({ block: "center" });
  }

  choose(which) {
    const place = document.getElementById("conflict-here");
    if (which === "theirs") {
      this.unsaved = false;
      this.stopped = true;
      forget(this.slot);
      return; // the link loads the page with their text
    }
    const remark = this.form.querySelector("[name=remark]");
    if (which === "both") {
      const theirs = place.querySelector("[data-conflict]").dataset.theirs;
      remark.value = [theirs, remark.value].filter(Boolean).join("\n");
    }
    // the button goes with the choice: who pressed it goes on where the text is
    remark.focus();
    place.replaceChildren();
    this.paused = false;
    this.touched(SOON);
  }

  showFaults(faults) {
    for (const old of this.form.querySelectorAll("[data-fault]")) old.remove();
    for (const field of this.form.querySelectorAll("[data-faulty]")) {
      field.removeAttribute("aria-invalid");
      field.classList.remove("is-invalid");
      field.removeAttribute("data-faulty");
    }
    for (const [name, sentences] of Object.entries(faults)) {
      const field = this.form.querySelector(`[name=${CSS.escape(name)}]`);
      if (!field) continue;
      const said = document.createElement("p");
      said.className = "field-error text-danger";
      said.dataset.fault = "";
      said.setAttribute("role", "alert");
      said.textContent = sentences.join(" ");
      (field.closest("fieldset") || field.parentElement).append(said);
      field.setAttribute("aria-invalid", "true");
      field.classList.add("is-invalid");
      field.dataset.faulty = "";
    }
  }

  showProgress(said) {
    const bar = document.querySelector("[data-status]");
    bar.querySelector("strong").textContent = said.headline;
    bar.classList.toggle("is-danger", said.cannot_pass);
    const state = this.form.querySelector("[data-item-state]");
    if (state) state.textContent = [said.state, said.missing].filter(Boolean).join(" · ");
  }

  // What an earlier page could not bring to the server is put back, and sent.
  putBack() {
    const record = this.record;
    if (!record || this.changed || this.refusedByServer || this.paused) return;
    const same = JSON.stringify(record.typed) === JSON.stringify(this.typed());
    if (!same) {
      fill(this.form, record.typed);
      document.querySelector("[data-kept-back]").hidden = false;
      this.version = record.version;
      // what is reckoned from the fields while one types is reckoned from what was put back
      this.form.querySelector(SENT).dispatchEvent(new Event("input", { bubbles: true }));
    }
    this.later(0);
  }

  // The buttons that save name the page's own writings, so that a page does not stand in its own way.
  leave() {
    clearTimeout(this.timer);
    this.leaving = true;
    if (!this.unsaved) return;
    this.keep();
    const own = this.record.sent || this.writing ? [...this.unanswered, this.record.writer] : this.unanswered;
    for (const writer of own) {
      const field = document.createElement("input");
      Object.assign(field, { type: "hidden", name: "unanswered", value: writer });
      this.form.append(field);
    }
  }
}

function fill(form, typed) {
  for (const field of form.querySelectorAll(SENT)) {
    const values = typed.filter(([name]) => name === field.name).map(([, value]) => value);
    if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
    else field.value = values[0] ?? "";
  }
}

export function sit(form) {
  const desk = new Desk(form);
  form.addEventListener("input", (event) => event.target.matches(SENT) && desk.touched(PAUSE));
  form.addEventListener("change", (event) => event.target.matches(SENT) && desk.touched(SOON));
  form.addEventListener("focusout", (event) => event.target.matches(SENT) && desk.changed && desk.later(SOON));
  form.addEventListener("submit", () => desk.leave());
  document.addEventListener("click", (event) => {
    const choice = event.target.closest("[data-choose]");
    if (choice) desk.choose(choice.dataset.choose);
  });
  window.addEventListener("online", () => desk.save());
  window.addEventListener("focus", () => desk.save());
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    desk.leaving = false;
    desk.save();
  });
  window.addEventListener("beforeunload", (event) => {
    if (!desk.unsaved || desk.leaving) return;
    event.preventDefault();
    event.returnValue = ""; // older browsers ask because of this
  });
  // after session_end has put back what it keeps for the sign-in
  window.addEventListener("load", () => setTimeout(() => desk.putBack()));
}
