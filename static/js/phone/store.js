// What this phone holds of one person's visits, in a database of that person's own. Every change is one transaction:
// a tab killed at any point finds either the state before or the state after.

import { openDB } from "idb";
import { newKey } from "./keys";
import { tell } from "./bus";

const VERSION = 1;
export const nameOf = (user) => `portal-phone-${user}`;

function build(db) {
  db.createObjectStore("meta");
  db.createObjectStore("packs", { keyPath: "id" });
  db.createObjectStore("bytes");
  for (const name of ["records", "photos"]) {
    const store = db.createObjectStore(name, { keyPath: "key" });
    store.createIndex("visit", "visit");
    store.createIndex("waiting", "waiting");
  }
}

export class Store {
  constructor(user) {
    this.user = user;
    this.opening = null;
  }

  open() {
    this.opening ||= openDB(nameOf(this.user), VERSION, {
      upgrade: build,
      // A newer page in another tab needs the store; ours opens it again when it is next asked.
      blocking: () => this.close(),
      terminated: () => {
        this.opening = null;
      },
    }).catch((error) => {
      this.opening = null;
      throw error;
    });
    return this.opening;
  }

  async close() {
    const opening = this.opening;
    this.opening = null;
    if (opening) (await opening).close();
  }

  /** Runs `work` with the database; where the system has closed it meanwhile, opens it again and runs it once more. */
  async use(work) {
    try {
      return await work(await this.open());
    } catch (error) {
      if (!["InvalidStateError", "UnknownError"].includes(error?.name)) throw error;
      this.opening = null;
      return work(await this.open());
    }
  }

  get(name, key) {
    return this.use((db) => db.get(name, key));
  }

  meta(key) {
    return this.get("meta", key);
  }

  setMeta(key, value) {
    return this.use((db) => db.put("meta", value, key));
  }

  pack(visit) {
    return this.get("packs", Number(visit));
  }

  packs() {
    return this.use((db) => db.getAll("packs"));
  }

  async keepPack(pack) {
    await this.use((db) => db.put("packs", pack));
    tell("changed", { visit: pack.id });
  }

  of(name, visit) {
    return this.use((db) => db.getAllFromIndex(name, "visit", Number(visit)));
  }

  waiting(name) {
    return this.use((db) => db.getAllFromIndex(name, "waiting"));
  }

  async countWaiting() {
    return this.use(async (db) => {
      const counts = ["records", "photos"].map((name) => db.countFromIndex(name, "waiting"));
      return (await Promise.all(counts)).reduce((sum, one) => sum + one, 0);
    });
  }

  /** This device's own name for this person; made once, gone with the store. */
  async device() {
    return this.use(async (db) => {
      const tx = db.transaction("meta", "readwrite");
      let device = await tx.store.get("device");
      if (!device) {
        device = newKey();
        await tx.store.put(device, "device");
      }
      await tx.done;
      return device;
    });
  }

  /**
   * Changes one row in one transaction: `change(row or undefined)` returns the row to be kept, null to delete it, or
   * undefined to leave all as it is. A new row gets the device's next number. Returns what then stands there.
   */
  async change(name, key, change, bytes = null) {
    const row = await this.use(async (db) => {
      const tx = db.transaction([name, "meta", "bytes"], "readwrite");
      const now = await tx.objectStore(name).get(key);
      const next = change(now);
      if (next === null) {
        await tx.objectStore(name).delete(key);
        await tx.objectStore("bytes").delete(key);
      } else if (next !== undefined) {
        if (!next.number) Object.assign(next, await numbered(tx.objectStore("meta")));
        await tx.objectStore(name).put(next);
        if (bytes) await tx.objectStore("bytes").put(bytes, key);
        else if (!next.waiting) await tx.objectStore("bytes").delete(key);
      }
      await tx.done;
      return next === undefined ? now : next;
    });
    tell("changed", row && { visit: row.visit, key });
    return row;
  }
}

async function numbered(meta) {
  const number = ((await meta.get("number")) || 0) + 1;
  const device = (await meta.get("device")) || newKey();
  await meta.put(number, "number");
  await meta.put(device, "device");
  return { number, device };
}
