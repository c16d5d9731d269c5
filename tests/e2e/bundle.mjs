/**
 * Builds an app as people do who installed the packed library, or serves it for development.
 * usage: node bundle.mjs vite|webpack|esbuild|plain-esbuild APP FOLDER
 *        node bundle.mjs vite-dev APP        prints the address and serves until it is ended
 */
import path from "node:path";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import esbuild from "esbuild";
import { build, createServer } from "vite";
import webpack from "webpack";

const [tool, app, out] = process.argv.slice(2);
const entry = path.join(app, "main.js");

const TOOLS = {
  vite: () => build({ root: app, logLevel: "error", build: { outDir: out } }),
  webpack: () => pack({ mode: "production", context: app, entry, output: { path: out } }),
  esbuild: async () => {
    const plugin = createRequire(entry).resolve("tiny-dancer/esbuild");
    const { tinyDancer } = await import(pathToFileURL(plugin).href);
    await bundle([tinyDancer()]);
  },
  "plain-esbuild": () => bundle([]),
  "vite-dev": async () => {
    const server = await createServer({ root: app, logLevel: "error", server: { port: 0, host: "127.0.0.1" } });
    await server.listen();
    console.log(server.resolvedUrls.local[0]);
  },
};

function bundle(plugins) {
  return esbuild.build({ entryPoints: [entry], bundle: true, format: "esm", outdir: out, plugins });
}

function pack(options) {
  return new Promise((resolve, reject) => {
    webpack(options, (error, stats) => {
      if (error ?? stats.hasErrors()) reject(error ?? new Error(stats.toString("errors-only")));
      else resolve();
    });
  });
}

await TOOLS[tool]();
