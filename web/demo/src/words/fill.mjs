/**
 * Puts the page together for Vite: each `<!-- panel: NAME -->` becomes src/NAME/panel.html, and each
 * element with `data-t` gets its English words, so that the page can be read before its script runs.
 */
import fs from "node:fs";
import path from "node:path";

const source = path.join(import.meta.dirname, "..");
const ATTRIBUTES = { "data-t-placeholder": "placeholder", "data-t-label": "aria-label", "data-t-title": "title" };

export function fillWords() {
  return { name: "fill-words", transformIndexHtml: { order: "pre", handler: fill } };
}

function fill(html) {
  const words = JSON.parse(fs.readFileSync(path.join(import.meta.dirname, "en.json"), "utf8"));
  const look = (key) => {
    if (!(key in words)) throw new Error(`words/en.json has no ${key}`);
    return words[key].replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll('"', "&quot;");
  };
  let page = html.replace(/<!-- panel: (\w+) -->/g, (_, name) =>
    fs.readFileSync(path.join(source, name, "panel.html"), "utf8"),
  );
  for (const [data, attribute] of Object.entries(ATTRIBUTES)) {
    page = page.replace(new RegExp(`${data}="([^"]+)"`, "g"), (all, key) => `${all} ${attribute}="${look(key)}"`);
  }
  return page.replace(/(data-t="([^"]+)"[^>]*>)(?=<)/g, (_, tag, key) => tag + look(key));
}
