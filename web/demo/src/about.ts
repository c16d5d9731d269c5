import type { Router } from "tiny-dancer";
import { formatMegabytes } from "./format.js";
import { getTransferBytes } from "./loading.js";
import { getElement } from "./page.js";
import { t } from "./words/language.js";

/** Lists what runs in this tab, with its sizes. */
export async function showAbout(router: Router): Promise<void> {
  const { runtime } = router;
  const { bundleHash, models, scorer } = await router.ready;
  const { release, bytes } = document.documentElement.dataset;
  const rows: [string, string][] = [
    [t("about.package"), `tiny-dancer ${runtime.version}`],
    ["Python", `${runtime.python}, Pyodide ${runtime.pyodide}`],
    [t("about.inference"), scorer === "kernel" ? "WebAssembly SIMD" : (scorer ?? t("inspect.none"))],
    [t("about.models"), models.join(", ") || t("inspect.none")],
    [t("about.bundle"), bundleHash ?? t("inspect.none")],
    [t("about.started"), `${(runtime.startMs / 1000).toFixed(2)} s`],
  ];
  if (release) {
    const sizes = { transfer: formatMegabytes(getTransferBytes() ?? Number(bytes)), bytes: formatMegabytes(Number(bytes)) };
    rows.push([t("about.size"), t("about.size.text", sizes)], [t("about.release"), release]);
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
