import { defineConfig } from "vite";
import { fillWords } from "./src/words/fill.mjs";

/** The run time's files keep their names; release.mjs moves what is built into one folder a release. */
const assetFileNames = ({ originalFileNames: [file = ""] }) =>
  file.includes("/runtime/") ? "runtime/[name][extname]" : "page/[name][extname]";

export default defineConfig({
  base: "./",
  plugins: [fillWords()],
  publicDir: "static",
  build: {
    target: "es2022",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { main: "index.html", live: "live.html", sw: "src/sw.ts" },
      output: {
        entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "page/[name].js"),
        chunkFileNames: "page/[name].js",
        assetFileNames,
      },
    },
  },
});
