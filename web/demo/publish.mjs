/**
 * Puts beside the page what its links lead to: the package as npm installs it, the documentation, the
 * licence, and the source of this revision where it is a clone.
 */
import fs from "node:fs";
import path from "node:path";
import { execFileSync } from "node:child_process";
import { marked } from "marked";

const root = path.join(import.meta.dirname, "..", "..");

/** @param {string} dist folder of the page */
export async function publish(dist) {
  const packed = execFileSync("npm", ["pack", "--silent", "--ignore-scripts", "--workspace", "tiny-dancer", "--pack-destination", dist], { cwd: root, encoding: "utf8" });
  fs.renameSync(path.join(dist, packed.trim().split("\n").at(-1)), path.join(dist, "tiny-dancer.tgz"));
  fs.copyFileSync(path.join(root, "LICENSE"), path.join(dist, "LICENSE.txt"));
  if (fs.existsSync(path.join(root, ".git"))) {
    execFileSync("git", ["archive", "--format=tar.gz", "-o", path.join(dist, "source.tar.gz"), "HEAD"], { cwd: root });
  }
  writeDocs(path.join(dist, "docs"));
}

function writeDocs(out) {
  const docs = path.join(root, "docs");
  fs.mkdirSync(out, { recursive: true });
  fs.copyFileSync(path.join(import.meta.dirname, "docs.css"), path.join(out, "docs.css"));
  for (const name of fs.readdirSync(docs)) {
    if (/\.(png|svg|webp)$/.test(name)) fs.copyFileSync(path.join(docs, name), path.join(out, name));
    if (!name.endsWith(".md")) continue;
    const html = marked.parse(fs.readFileSync(path.join(docs, name), "utf8"));
    const [, title = "Tiny Dancer"] = /<h1>(.*?)<\/h1>/.exec(html) ?? [];
    fs.writeFileSync(path.join(out, name.replace(/\.md$/, ".html")), page(title, html.replace(/href="([\w-]+)\.md/g, 'href="$1.html')));
  }
  for (const folder of ["pictures", "results"]) {
    const from = path.join(docs, folder);
    if (fs.existsSync(from)) fs.cpSync(from, path.join(out, folder), { recursive: true, filter: (file) => !file.endsWith(".csv") });
  }
}

const page = (title, body) => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>${title.replace(/<[^>]+>/g, "")} · Tiny Dancer</title>
    <link rel="stylesheet" href="docs.css" />
  </head>
  <body>
    <p><a href="../">Tiny Dancer</a> · <a href="index.html">Documentation</a></p>
    ${body}
  </body>
</html>
`;
