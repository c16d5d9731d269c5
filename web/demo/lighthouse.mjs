/**
 * Visits the built page with Lighthouse and writes its figures to docs/results/lighthouse.json.
 *
 * usage: node web/demo/lighthouse.mjs      fetches Lighthouse by npm, needs Chromium; after ./build.sh demo
 */
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import { execFileSync, spawn } from "node:child_process";

const VERSION = "13.5.0";
const here = import.meta.dirname;
const root = path.join(here, "..", "..");
const python = path.join(root, ".venv", "bin", "python");
const METRICS = ["first-contentful-paint", "largest-contentful-paint", "total-blocking-time", "cumulative-layout-shift", "speed-index"];

const server = spawn(python, [path.join(here, "serve.py"), "--port", "0"], { stdio: ["ignore", "pipe", "inherit"] });
const folder = fs.mkdtempSync(path.join(os.tmpdir(), "lighthouse-"));
try {
  const [line] = await new Promise((resolve) => server.stdout.once("data", (data) => { resolve([String(data)]); }));
  const [url] = /http:\S+/.exec(line);
  const flags = "--headless=new --no-sandbox --disable-gpu";
  const out = path.join(folder, "report.json");
  const options = ["--yes", `lighthouse@${VERSION}`, url, "--quiet", "--output=json", `--output-path=${out}`, `--chrome-flags=${flags}`];
  const chromium = execFileSync("sh", ["-c", "command -v chromium"], { encoding: "utf8" }).trim();
  execFileSync("npx", options, { cwd: folder, stdio: "inherit", env: { ...process.env, CHROME_PATH: chromium } });
  const { categories, audits } = JSON.parse(fs.readFileSync(out, "utf8"));
  const found = {
    made_by: "node web/demo/lighthouse.mjs",
    lighthouse: VERSION,
    page: "an emulated phone, on a machine that does other work",
    scores: Object.fromEntries(Object.values(categories).map(({ id, score }) => [id, score])),
    metrics: Object.fromEntries(METRICS.map((id) => [id, audits[id].displayValue])),
    below_one: Object.values(categories).flatMap(({ auditRefs }) =>
      auditRefs.filter(({ id, weight }) => weight > 0 && audits[id].score !== null && audits[id].score < 0.9).map(({ id }) => id),
    ),
  };
  fs.writeFileSync(path.join(root, "docs", "results", "lighthouse.json"), `${JSON.stringify(found, null, 2)}\n`);
  console.log(JSON.stringify(found, null, 2));
} finally {
  server.kill();
  fs.rmSync(folder, { recursive: true, force: true });
}
