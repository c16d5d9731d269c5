/** The npm package inside workerd: what it refuses, and decisions of routers that share one Python. */
import python from "./pyodide.asm.wasm";
import { Router } from "../../web/router/dist/workerd.js";

const refusals = {};
const starts = []; // of Python, each an instance
const beside = []; // what was fetched while the first one started

WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(target, args) {
    const made = Reflect.construct(target, args);
    if (args[0] === python) starts.push(made);
    return made;
  },
});

async function note(what, promise) {
  await promise.catch(({ name, message }) => (refusals[what] = `${name}: ${message}`));
}

await note("global scope", Router.load());
let router;

/** A start settles in microtasks, so this fetches at every step of it. */
async function fetchBeside(starting) {
  const fetched = [];
  let over = false;
  const end = () => (over = true);
  starting.then(end, end);
  while (!over && fetched.length < 10_000) {
    fetched.push(fetch("data:,beside").then((response) => response.text()));
    await undefined;
  }
  beside.push(...(await Promise.all(fetched)));
}

const pages = {
  async "/"() {
    await note("base", Router.load({ base: "/runtime/" }));
    await note("storage", Router.load({ storage: "memory" }));
    const another = await Router.load();
    await another.close();
    await note("closed", another.route("Hi"));
    return { refusals, snapshot: (await router).runtime.snapshot };
  },

  async "/beside"() {
    return beside;
  },

  /** Python's clock traps under one router, and under the other when the first has a new Python. */
  async "/die"() {
    const [one, other] = [await Router.load(), await Router.load()];
    const before = starts.length;
    const models = [];
    for (const [name, router] of Object.entries({ one, other })) {
      performance.now = () => {
        throw new WebAssembly.RuntimeError("unreachable");
      };
      await note(name, router.route("Hi"));
      delete performance.now;
      models.push((await router.route("Hi")).model);
    }
    return { refusals, starts: starts.length - before, models };
  },
};

export default {
  async fetch(request) {
    if (!router) await fetchBeside((router = Router.load()));
    if (request.method === "POST") return new Response(await (await router).routeWire(await request.json()));
    await router;
    return Response.json(await pages[new URL(request.url).pathname]());
  },
};
