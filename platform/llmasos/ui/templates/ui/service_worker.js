// Keeps static files only. Pages hold personal data: they are never stored, and offline there is one plain page.
const KEEP = {{ keep|safe }};
const PREFIX = {{ prefix|safe }};
const OFFLINE = {{ offline|safe }};
const STORE = "static-" + KEEP.concat(OFFLINE).reduce((sum, part) => {
  for (const letter of part) sum = (sum * 31 + letter.codePointAt(0)) >>> 0;
  return sum;
}, 7).toString(36);

addEventListener("install", (event) => {
  event.waitUntil(caches.open(STORE).then((store) => store.addAll([...KEEP, OFFLINE])).then(() => skipWaiting()));
});

addEventListener("activate", (event) => {
  const stale = caches.keys().then((names) => Promise.all(names.filter((name) => name !== STORE).map((name) => caches.delete(name))));
  event.waitUntil(stale.then(() => clients.claim()));
});

addEventListener("fetch", (event) => {
  const { request } = event;
  if (request.method !== "GET") return;
  const address = new URL(request.url);
  if (request.mode === "navigate") {
    event.respondWith(fetch(request).catch(() => caches.match(OFFLINE)));
  } else if (address.origin === location.origin && address.pathname.startsWith(PREFIX)) {
    event.respondWith(caches.match(request).then((kept) => kept ?? fetch(request)));
  }
});
