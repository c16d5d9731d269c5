/** Prepares statements of a local D1, each by a call into Miniflare's own thread; prints how many. */
import { Miniflare } from "../../worker/miniflare.mjs";

const miniflare = new Miniflare({
  modules: true,
  script: "export default { fetch() { return new Response(null); } }",
  compatibilityDate: "2026-07-01",
  d1Databases: { DB: "history" },
});
try {
  const database = await miniflare.getD1Database("DB");
  let calls = 0;
  for (; calls < 20; calls++) database.prepare("select ?").bind(calls);
  console.log(calls);
} finally {
  await miniflare.dispose();
}
