import { defineConfig } from "vite";

// stage.mjs fills build/public; release.mjs moves what is built here into one folder a release.
export default defineConfig({
  base: "./",
  publicDir: "build/public",
  build: {
    target: "es2022",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      input: { main: "index.html", sw: "src/sw.ts" },
      output: {
        entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "page/[name].js"),
        chunkFileNames: "page/[name].js",
        assetFileNames: "page/[name][extname]",
      },
    },
  },
});
