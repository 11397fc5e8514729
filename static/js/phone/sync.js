// Brings what waits to the server: records first, then photos one by one. Runs in one tab at a time, gives up at the
// first silence, and goes on from where it stood.

import * as api from "./api";
import { hear, tell } from "./bus";
import { sha256 } from "./keys";
import { load } from "./packs";
import { QUIET_MS, freeze } from "./records";
import { note, upload } from "./uploads";

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 5 * 60_000;
const PING_MS = 20_000;
const LATER_MS = 10 * 60_000;
const BATCH_BYTES = 400_000;
const SETTLED = new Set(["landed", "superseded", "quarantined", "settled"]);

export class Sync {
  constructor(store) {
    this.store = store;
    this.wait = FIRST_WAIT_MS;
    this.timer = null;
    this.running = false;
    this.away = false;
    this.atOnce = false;
    this.lastDone = 0;
    this.state = { phase: "idle" };
  }

  start() {
    hear("changed", () => this.schedule(QUIET_MS + 500));
    window.addEventListener("online", () => this.now());
    window.addEventListener("offline", () => this.show({ phase: "offline" }));
    for (const name of ["visibilitychange", "pageshow"]) {
      document.addEventListener(name, () => document.visibilityState === "visible" && this.now());
    }
    setInterval(() => this.look(), PING_MS);
    return this.now();
  }

  show(state) {
    this.state = state;
    tell("sync", state);
  }

  /** Runs now, whatever the wait was; `atOnce` takes along what was typed a moment ago. */
  now({ atOnce = false } = {}) {
    this.wait = FIRST_WAIT_MS;
    this.atOnce ||= atOnce;
    return this.run();
  }

  schedule(milliseconds) {
    if (this.away) return; // a longer wait is set, and `look` notices when the server is back
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.run(), milliseconds);
  }

  // A server that was away is asked with a few bytes, so that work does not lie for minutes after its return.
  async look() {
    if (this.running) return;
    if (this.away) {
      if (await api.answers()) this.now();
    } else if (document.visibilityState === "visible" && Date.now() - this.lastDone > LONGEST_WAIT_MS) this.run();
  }

  async run() {
    if (this.running) return;
    this.running = true;
    clearTimeout(this.timer);
    try {
      const work = (lock) => (lock ? this.round() : "busy");
      const locks = navigator.locks;
      const done = await (locks ? locks.request(`portal-phone-${this.store.user}`, { ifAvailable: true }, work) : work(1));
      this.away = false;
      this.wait = FIRST_WAIT_MS;
      if (done === "busy") this.schedule(5000);
      else await this.rest();
    } catch (error) {
      this.fail(error);
    } finally {
      this.running = false;
    }
  }

  async rest() {
    this.lastDone = Date.now();
    this.show({ phase: "idle" });
    if (await this.isDue()) this.schedule(QUIET_MS + 500);
  }

  fail(error) {
    if (error instanceof api.SignedOut) return this.stop("signed_out");
    if (error instanceof api.OtherUser) return this.stop("other_user");
    this.away = error instanceof api.Unreachable;
    if (!this.away) console.warn(error);
    const wait = this.wait;
    this.wait = Math.min(this.wait * 2, LONGEST_WAIT_MS);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.run(), wait);
    return this.show({ phase: this.away ? "offline" : "failing" });
  }

  stop(phase) {
    this.away = false;
    this.lastDone = Date.now();
    this.show({ phase });
  }

  async isDue() {
    const now = Date.now();
    const records = await this.store.waiting("records");
    if (records.some((row) => row.complete && !(row.ask_after > now))) return true;
    return (await this.store.waiting("photos")).some((row) => !(row.ask_after > now));
  }

  async round() {
    const { atOnce } = this;
    this.atOnce = false;
    const told = await this.hello();
    const visits = new Set();
    for (const name of ["records", "photos"]) for (const row of await this.store.waiting(name)) visits.add(row.visit);
    for (const visit of visits) await this.sendRecords(visit, atOnce);
    const delivered = await this.sendPhotos();
    for (const visit of new Set([...visits, ...delivered])) await this.report(visit, delivered.has(visit));
    await this.refresh(told);
    return "done";
  }

  /** Asks who is signed in and what there is to do. Nobody's work goes under another name. */
  async hello() {
    const told = await api.packs(`?device=${await this.store.device()}`);
    if (told.user.id !== this.store.user) throw new api.OtherUser();
    this.csrf = told.csrf;
    this.limits = told.limits;
    await this.store.setMeta("packs", told);
    tell("packs", told);
    return told;
  }

  async post(path, data) {
    try {
      return await api.post(path, data, this.csrf);
    } catch (error) {
      if (!(error instanceof api.OldSecret)) throw error;
      await this.hello();
      return api.post(path, data, this.csrf);
    }
  }

  async sendRecords(visit, atOnce) {
    const now = Date.now();
    const going = (await freeze(this.store, visit, { atOnce })).filter((row) => !(row.ask_after > now));
    for (const batch of batches(going, this.limits.records)) {
      this.show({ phase: "records", visit });
      try {
        await this.deliver(visit, batch);
      } catch (error) {
        if (!(error instanceof api.Refused)) throw error;
        // One that the server cannot read must not hold up the others.
        if (batch.length > 1 && error.status === 400) for (const row of batch) await this.deliverAlone(visit, row);
        else for (const row of batch) await this.refuse(row, error);
      }
    }
  }

  async deliverAlone(visit, row) {
    try {
      await this.deliver(visit, [row]);
    } catch (error) {
      if (!(error instanceof api.Refused)) throw error;
      await this.refuse(row, error);
    }
  }

  async deliver(visit, batch) {
    for (const device of new Set(batch.map((row) => row.device))) {
      const rows = batch.filter((row) => row.device === device);
      const records = await Promise.all(
        rows.map(async ({ key, number, kind, subject, text, recorded_at }) => {
          return { key, number, kind, subject, payload: text, sha256: await sha256(text), recorded_at };
        }),
      );
      const made = await this.made(visit, device);
      const told = await this.post(`/visits/${visit}/records/`, { device, user: this.store.user, made, records });
      for (const result of told.results) {
        const own = records.find((record) => record.key === result.key);
        if (own) await this.receive(result, own.sha256);
      }
      await this.keepLedger(visit, told.ledger);
    }
  }

  receive(result, hash) {
    return this.store.change("records", result.key, (row) => {
      if (!row?.waiting) return undefined;
      const kept = { ...row, reason: result.reason || "", ask_after: Date.now() + LATER_MS };
      if (!SETTLED.has(result.state) || result.sha256 !== hash) return { ...kept, problem: "record_not_taken" };
      for (const name of ["waiting", "text", "ask_after", "problem"]) delete kept[name];
      // What was drawn is on the server now; the receipt stays.
      if (row.kind === "signature") kept.payload = { ...row.payload, strokes: [] };
      return { ...kept, state: result.state, version: result.version, result: result.result, receipt: result.sha256 };
    });
  }

  refuse(row, error) {
    const problem = [403, 404].includes(error.status) ? "not_my_visit" : "record_not_taken";
    return this.store.change("records", row.key, (now) =>
      now?.waiting ? { ...now, problem, reason: error.told?.reason || "", ask_after: Date.now() + LATER_MS } : undefined,
    );
  }

  async sendPhotos() {
    const delivered = new Set();
    const now = Date.now();
    const rows = (await this.store.waiting("photos")).filter((row) => !(row.held_until > now) && !(row.ask_after > now));
    rows.sort((one, other) => one.visit - other.visit || one.number - other.number);
    for (const [place, photo] of rows.entries()) {
      this.show({ phase: "photos", visit: photo.visit, at: place + 1, of: rows.length });
      try {
        await upload(photo, { store: this.store, csrf: this.csrf, limits: this.limits });
        delivered.add(photo.visit);
      } catch (error) {
        if (!(error instanceof api.Refused)) throw error;
        await note(this.store, photo.key, error.status === 404 ? "not_my_visit" : "photo_not_taken", error.told?.reason);
      }
    }
    return delivered;
  }

  /** How many records and photos a device ever made for a visit, so that the department can see what is missing. */
  async made(visit, device) {
    const counted = { records: 0, photos: 0 };
    for (const name of ["records", "photos"]) {
      counted[name] = (await this.store.of(name, visit)).filter((row) => row.device === device).length;
    }
    const told = (await this.store.meta(`made ${device} ${visit}`)) || { records: 0, photos: 0 };
    return { records: Math.max(counted.records, told.records), photos: Math.max(counted.photos, told.photos) };
  }

  /** Tells the server what is here, where it does not know that yet, and keeps what it says is there. */
  async report(visit, always) {
    const device = await this.store.device();
    const made = await this.made(visit, device);
    const slot = `reported ${visit}`;
    const mark = `${made.records} ${made.photos}`;
    if (!always && (await this.store.meta(slot)) === mark) return;
    try {
      const data = { device, user: this.store.user, made, records: [] };
      await this.keepLedger(visit, (await this.post(`/visits/${visit}/records/`, data)).ledger);
      await this.store.setMeta(slot, mark);
    } catch (error) {
      if (!(error instanceof api.Refused)) throw error;
    }
  }

  async keepLedger(visit, ledger) {
    const told = await this.store.meta("packs");
    const row = told?.visits.find((one) => one.id === visit);
    if (!row || !ledger) return;
    // The list counts what came from all devices of this person, the ledger what came from this one; neither shrinks.
    for (const name of ["records", "photos"]) row.on_server[name] = Math.max(row.on_server[name], ledger.on_server[name]);
    await this.store.setMeta("packs", told);
    tell("packs", told);
  }

  /** Brings the visits that are kept here up to date: a colleague's ratings, new findings, a comment. */
  async refresh(told) {
    for (const pack of await this.store.packs()) {
      const row = told.visits.find((one) => one.id === pack.id);
      if (!row || row.state === "filed" || row.stamp === pack.stamp) continue;
      try {
        await load(this.store, pack.id);
      } catch (error) {
        if (!(error instanceof api.Refused)) throw error;
      }
    }
  }
}

function* batches(rows, most) {
  let batch = [];
  let size = 0;
  for (const row of rows) {
    if (batch.length && (batch.length >= most || size + row.text.length > BATCH_BYTES)) {
      yield batch;
      [batch, size] = [[], 0];
    }
    batch.push(row);
    size += row.text.length;
  }
  if (batch.length) yield batch;
}
