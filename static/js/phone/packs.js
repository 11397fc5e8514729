// Makes a visit ready for a place without a network, and says so only when everything it needs is on this phone.

import * as api from "./api";
import { keepStore, label } from "./device";

export const SHELL = "/visits/phone/";
const WORKER = "/visits/sw.js";
const WAIT_MS = 30_000;
const LISTS = { checklist: "parts", levels: "levels", banded: "bands", additive: "each", deductive: "each" };

export function registerWorker() {
  return navigator.serviceWorker.register(WORKER, { scope: "/visits/" });
}

async function shellIsKept() {
  const tooLong = new Promise((_, reject) => setTimeout(() => reject(new Error("worker")), WAIT_MS));
  await Promise.race([navigator.serviceWorker.ready, tooLong]);
  return !!(await caches.match(SHELL));
}

/** What a pack still lacks: names out of form, standard, answers, address. */
export function lacks(pack) {
  const found = [];
  if (!pack?.items?.length || !pack.items.every((item) => item.code && item.name)) found.push("form");
  if (!pack?.standard) found.push("standard");
  const isAnswerable = ({ rubric }) => rubric.method === "gate" || String(rubric[LISTS[rubric.method]] ?? "") !== "";
  if (!pack?.items?.every((item) => item.rubric && isAnswerable(item))) found.push("answers");
  if (typeof pack?.organ?.address !== "string") found.push("address");
  return found;
}

/** Fetches a visit and keeps it; returns the pack as it is read back. */
export async function load(store, visit) {
  const pack = await api.get(`/visits/${visit}/pack/`);
  await store.keepPack({ ...pack, saved_at: new Date().toISOString() });
  return store.pack(visit);
}

/** Returns {ready, kept, lacking}: whether it is ready, whether the browser promised to keep it, what is missing. */
export async function getReady(store, visit, csrf) {
  const kept = await keepStore();
  await registerWorker();
  const lacking = (await shellIsKept()) ? [] : ["form"];
  lacking.push(...lacks(await load(store, visit)));
  if (!lacking.length) {
    const device = await store.device();
    await api.post(`/visits/${visit}/ready/`, { device, label: label(), ready: true }, csrf);
    await store.setMeta(`ready ${visit}`, new Date().toISOString());
  }
  return { ready: !lacking.length, kept, lacking };
}

/** Tells whether the visit can be worked on without a network, as this phone finds it now. */
export async function isReady(store, visit) {
  if (!(await store.meta(`ready ${visit}`))) return false;
  return !lacks(await store.pack(visit)).length && !!(await caches.match(SHELL));
}
