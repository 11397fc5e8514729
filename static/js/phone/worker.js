// Keeps the shell of the phone page and the files it is made of. Everything else, above all every page with somebody's
// data, goes to the network and is kept nowhere. `PHONE` is written in front by the server (views/phone_page.py).

const { version, shell, files } = self.PHONE;
const CACHE = `portal-phone-${version}`;

async function keep() {
  const cache = await caches.open(CACHE);
  await cache.addAll([shell, ...files].map((path) => new Request(path, { cache: "reload" })));
  // Whatever is typed is in the store already, and an open page has all its files: nobody has to wait.
  await self.skipWaiting();
}

async function tidy() {
  const names = await caches.keys();
  const old = names.filter((name) => name.startsWith("portal-phone-") && name !== CACHE);
  await Promise.all(old.map((name) => caches.delete(name)));
  await self.clients.claim();
}

async function kept(request, path) {
  const cache = await caches.open(CACHE);
  return (await cache.match(path)) || fetch(request);
}

self.addEventListener("install", (event) => event.waitUntil(keep()));
self.addEventListener("activate", (event) => event.waitUntil(tidy()));
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== self.location.origin) return;
  if (request.mode === "navigate" ? url.pathname === shell : files.includes(url.pathname)) {
    event.respondWith(kept(request, url.pathname));
  }
});
