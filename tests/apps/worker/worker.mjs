import { Router } from "tiny-dancer";

let router;

export default {
  async fetch(request) {
    const { runtime } = await (router ??= Router.load());
    const { model, reason } = await (await router).route(await request.text());
    return Response.json({ model, reason, snapshot: runtime.snapshot });
  },
};
