import type { Router } from "tiny-dancer";
import { formatMegabytes } from "./format.js";
import { getElement } from "./page.js";

/** Lists what runs in this tab, with its sizes. */
export async function showAbout(router: Router): Promise<void> {
  const { runtime } = router;
  const { bundleHash, models, scorer } = await router.ready;
  const { release, bytes, transfer } = document.documentElement.dataset;
  const rows: [string, string][] = [
    ["Package", `tiny-dancer ${runtime.version}`],
    ["Python", `${runtime.python}, in Pyodide ${runtime.pyodide}`],
    ["Inference", scorer === "kernel" ? "WebAssembly SIMD kernel" : (scorer ?? "none")],
    ["Models", models.join(", ") || "none"],
    ["Bundle", bundleHash ?? "none"],
    ["Started in", `${(runtime.startMs / 1000).toFixed(2)} s`],
  ];
  if (release) {
    const size = `${formatMegabytes(Number(bytes))}, ${formatMegabytes(Number(transfer))} compressed`;
    rows.push(["Page and run time", size], ["Release", release]);
  }
  const list = getElement("about");
  list.replaceChildren(
    ...rows.map(([name, value]) => {
      const row = document.createElement("div");
      const term = document.createElement("dt");
      const detail = document.createElement("dd");
      term.textContent = name;
      detail.textContent = value;
      row.append(term, detail);
      return row;
    }),
  );
}
