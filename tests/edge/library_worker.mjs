/** The npm package inside workerd: what it refuses, and decisions of routers that share one Python. */
import { Router } from "../../web/router/dist/workerd.js";

const refusals = {};

async function note(what, promise) {
  await promise.catch(({ name, message }) => (refusals[what] = `${name}: ${message}`));
}

await note("global scope", Router.load());
let router;

export default {
  async fetch(request) {
    const { runtime } = await (router ??= Router.load());
    if (request.method === "POST") return new Response(await (await router).routeWire(await request.json()));
    await note("base", Router.load({ base: "/runtime/" }));
    const another = await Router.load();
    await another.close();
    await note("closed", another.route("Hi"));
    return Response.json({ refusals, snapshot: runtime.snapshot });
  },
};
