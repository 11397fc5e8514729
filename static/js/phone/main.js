// The page that works without a network: finds out whose phone it is, shows the screen that the address names, and
// lets the engine bring to the server what waits.

import * as api from "./api";
import { hear, tell } from "./bus";
import { appAround, canWorkOffline } from "./device";
import { dress, draw, say } from "./frame";
import { registerWorker } from "./packs";
import { lastPerson, rememberPerson } from "./person";
import { copy } from "./screens/copy";
import { insideApp, signIn, tooOld } from "./screens/elsewhere";
import { finding } from "./screens/finding";
import { finish } from "./screens/finish";
import { item } from "./screens/item";
import { lists } from "./screens/lists";
import { photo } from "./screens/photo";
import { sign } from "./screens/sign";
import { visit } from "./screens/visit";
import { Store } from "./store";
import { Sync } from "./sync";

const DEFAULT_LIMITS = { photo_side: 1600, photo_bytes: 512_000 };
const ROUTES = [
  [/^#\/visit\/(\d+)\/item\/([^/]+)\/finding\/([^/]+)$/, finding, ["id", "code", "key"]],
  [/^#\/visit\/(\d+)\/item\/([^/]+)$/, item, ["id", "code"]],
  [/^#\/visit\/(\d+)\/photo\/([^/]+)$/, photo, ["id", "key"]],
  [/^#\/visit\/(\d+)\/sign\/([^/]+)$/, sign, ["id", "who"]],
  [/^#\/visit\/(\d+)\/finish$/, finish, ["id"]],
  [/^#\/visit\/(\d+)$/, visit, ["id"]],
  [/^#\/copy$/, copy, []],
  [/^#\/(todo|phone|server)$/, lists, ["tab"]],
];

function routed(hash) {
  for (const [pattern, screen, names] of ROUTES) {
    const found = pattern.exec(hash);
    if (found) return [screen, Object.fromEntries(names.map((name, at) => [name, decodeURIComponent(found[at + 1])]))];
  }
  return [lists, {}];
}

class App {
  constructor(user) {
    this.user = user;
    this.store = new Store(user.id);
    this.sync = new Sync(this.store);
    this.offlineWork = true;
    this.packs = null;
    this.waiting = 0;
    this.screen = null;
    this.shown = "";
    this.turn = 0;
    this.pressed = false; // a finger is down: what it is about to tap must not be drawn anew under it
    this.readying = new Map(); // what was said of getting a visit ready, however often its list is drawn
  }

  get limits() {
    return this.packs?.limits || DEFAULT_LIMITS;
  }

  go(hash) {
    if (location.hash === hash) this.show();
    else location.hash = hash;
  }

  replace(hash) {
    history.replaceState(null, "", hash);
    this.show();
  }

  async start() {
    this.packs = (await this.store.meta("packs")) || null;
    window.addEventListener("hashchange", () => this.show());
    window.addEventListener("beforeunload", (event) => this.warn(event));
    document.addEventListener("pointerdown", () => (this.pressed = true), true);
    for (const name of ["pointerup", "pointercancel"]) {
      document.addEventListener(name, () => setTimeout(() => (this.pressed = false)), true); // after the click
    }
    hear("changed", () => this.follow());
    hear("sync", () => this.follow());
    hear("packs", (packs) => {
      this.packs = packs;
      rememberPerson(packs.user);
      this.follow();
    });
    await this.show();
    await this.count();
    this.sync.start();
  }

  refresh() {
    return this.sync.now();
  }

  warn(event) {
    if (!this.waiting) return;
    event.preventDefault();
    event.returnValue = "";
  }

  async count() {
    this.waiting = await this.store.countWaiting();
    say({ state: this.sync.state, waiting: this.waiting, packs: this.packs, person: this.user });
  }

  /** After a change: the line on top, and the screen where it shows states and nobody is typing on it. */
  follow() {
    this.soon ||= setTimeout(async () => {
      this.soon = null;
      if (this.pressed) return this.follow();
      await this.count();
      if (this.screen?.changed) await this.screen.changed();
      else if (this.screen?.follows) await this.show({ again: true });
    }, 120);
  }

  async show({ again = false } = {}) {
    const { hash } = location;
    if (again && hash !== this.shown) return;
    this.turn += 1;
    const { turn } = this;
    if (!again && this.screen?.leave) await this.screen.leave();
    const [make, values] = routed(hash);
    const screen = await make(this, values);
    if (!screen || turn !== this.turn) {
      // Somebody has gone on meanwhile; what this screen held is let go.
      if (screen?.leave) await screen.leave();
      return;
    }
    if (again && this.pressed) {
      if (screen.leave) await screen.leave();
      return this.follow();
    }
    const held = again ? focused() : null;
    this.screen = screen;
    this.shown = hash;
    draw(screen, { isNew: !again });
    if (held) focusAgain(held);
  }
}

/** How what has the focus can be found again once the screen is drawn anew: by its place and its words. */
function focused() {
  const at = document.activeElement;
  const around = at?.closest?.("#main, #phone-foot");
  return around && at !== around ? { around: around.id, tag: at.localName, text: at.textContent, href: at.getAttribute("href") } : null;
}

function focusAgain({ around, tag, text, href }) {
  const like = [...document.querySelectorAll(`#${around} ${tag}`)];
  (like.find((one) => (href ? one.getAttribute("href") === href : one.textContent === text)) || document.getElementById("main")).focus();
}

/** Asks the server who is signed in; where it cannot be asked, the last person here may go on. */
async function whoIsIt() {
  const last = lastPerson();
  try {
    const told = await api.packs();
    rememberPerson(told.user);
    return { user: told.user, told };
  } catch (error) {
    return { user: last, unreachable: !(error instanceof api.SignedOut) };
  }
}

async function open() {
  const last = lastPerson();
  // Nobody waits for a network that is not there: the last person's work opens at once, and the engine asks who it is.
  if (last) return new App(last);
  const { user, told, unreachable } = await whoIsIt();
  if (!user) {
    draw(signIn(unreachable), { isNew: true });
    window.addEventListener("online", () => location.reload());
    return null;
  }
  const app = new App(user);
  await app.store.setMeta("packs", told);
  return app;
}

/** Another person has signed in here: their own store opens, the other's stays as it is under its own name. */
async function takeOver(app) {
  const { user } = await whoIsIt();
  if (user && user.id !== app.user.id) location.reload();
}

async function main() {
  dress();
  const around = appAround();
  if (around !== null) return draw(insideApp(around), { isNew: true });
  if (!canWorkOffline()) return draw(tooOld(), { isNew: true });
  registerWorker().catch(() => tell("sync", { phase: "idle" })); // without a network the one that is here goes on
  const app = await open();
  if (!app) return undefined;
  hear("sync", ({ phase }) => phase === "other_user" && takeOver(app));
  return app.start();
}

main();
