/** In Node: node node.mjs SMALL BIG, from a folder with the SDK's packages; prints JSON. */
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { ask } from "./ask.mjs";

const require = createRequire(`${process.cwd()}/`);
const load = (name) => import(pathToFileURL(require.resolve(name)).href);
const own = (name) => import(new URL(`../../../web/router/dist/${name}`, import.meta.url).href);

const sdk = { ...(await load("ai")), ...(await load("@ai-sdk/openai-compatible")), z: (await load("zod")).z };
const { Router } = await own("node.js");
const router = await Router.load();
try {
  console.log(JSON.stringify(await ask(sdk, await own("ai-sdk/index.js"), router, ...process.argv.slice(2))));
} finally {
  await router.close();
}
