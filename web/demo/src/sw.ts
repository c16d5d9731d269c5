/**
 * Keeps one release of the page for use without a network. release.mjs fills in the two constants.
 *
 * The page itself is asked for first from the network, so a new release shows at the next visit;
 * everything else has its release in its address and never changes.
 */
const RELEASE = "__RELEASE__";
const FILES = "__FILES__" as unknown as readonly string[];
const NETWORK_MS = 3000;

const worker = globalThis as unknown as ServiceWorkerGlobalScope;

worker.addEventListener("install", (event) => {
  event.waitUntil(save().catch(explain));
});
worker.addEventListener("activate", (event) => {
  event.waitUntil(takeOver());
});
worker.addEventListener("fetch", (event) => {
  const { method, url, mode } = event.request;
  if (method !== "GET" || new URL(url).origin !== worker.location.origin) return;
  event.respondWith(mode === "navigate" ? respondWithPage(event.request) : respondWithFile(event.request));
});

async function save(): Promise<void> {
  const cache = await caches.open(RELEASE);
  await cache.addAll(
    FILES.map((file) => new Request(file, file === "./" ? { cache: "no-cache" } : {})),
  );
  await worker.skipWaiting();
}

/** Tells the pages why there will be no offline use, and gives up. */
async function explain(error: unknown): Promise<never> {
  await caches.delete(RELEASE); // what was saved of it takes room for nothing
  const full = (error as Error).name === "QuotaExceededError";
  const message = full ? "no space is left for this site's data" : `sw.js: ${String(error)}`;
  const record = { name: full ? "StoreFullError" : "LoadError", message };
  for (const page of await worker.clients.matchAll({ includeUncontrolled: true })) page.postMessage(record);
  throw error;
}

async function takeOver(): Promise<void> {
  for (const name of await caches.keys()) if (name !== RELEASE) await caches.delete(name);
  await worker.clients.claim();
}

async function respondWithPage(request: Request): Promise<Response> {
  const saved = await (await caches.open(RELEASE)).match("./");
  if (!saved) return fetch(request);
  try {
    const response = await fetch(request, { signal: AbortSignal.timeout(NETWORK_MS) });
    return response.ok ? response : saved;
  } catch {
    return saved;
  }
}

async function respondWithFile(request: Request): Promise<Response> {
  const cache = await caches.open(RELEASE);
  return (await cache.match(request, { ignoreSearch: true })) ?? fetch(request);
}
