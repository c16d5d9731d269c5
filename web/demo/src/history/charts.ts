import type { DecisionRecord } from "tiny-dancer";
import { formatCount, formatPercent } from "../format.js";
import { getElement } from "../page.js";
import { t } from "../words/language.js";

/** Fewer decisions make no picture. */
const FEWEST = 3;
const HEIGHT = 180;

let drawn = 0;

/** Draws decisions in their order: how many went where, and how sure each was. */
export async function showCharts(latest: readonly DecisionRecord[]): Promise<void> {
  getElement("charts").hidden = latest.length < FEWEST;
  if (latest.length < FEWEST) return;
  const turn = ++drawn;
  const { default: Plot } = await import("uplot"); // fetched when there is something to draw
  if (turn !== drawn) return;
  const records = [...latest].reverse();
  const steps = records.map((_, at) => at + 1);
  let [light, powerful] = [0, 0];
  const counts = records.map(({ useLightweight }) => (useLightweight ? [++light, powerful] : [light, ++powerful]));
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim() || "currentColor";
  const [tint, strong, quiet, line] = [resolve("--light"), resolve("--powerful"), resolve("--quiet"), resolve("--line")];

  const draw = (id: string, series: object[], data: (number | null)[][], format: (value: number) => string) => {
    const host = getElement(id);
    host.replaceChildren();
    const axis = { stroke: quiet, grid: { stroke: line, width: 1 }, ticks: { stroke: line, width: 1 } };
    const options = {
      width: host.clientWidth || 320,
      height: HEIGHT,
      cursor: { show: false },
      legend: { show: false },
      scales: { x: { time: false } },
      axes: [
        { ...axis, values: (_: unknown, values: number[]) => values.map((value) => (Number.isInteger(value) ? formatCount(value) : "")) },
        { ...axis, size: 56, values: (_: unknown, values: number[]) => values.map(format) },
      ],
      series: [{}, ...series],
    };
    return new Plot(options, [steps, ...data] as never, host);
  };

  draw(
    "chart-count",
    [
      { stroke: tint, width: 2 },
      { stroke: strong, width: 2, dash: [6, 4] },
    ],
    [counts.map(([one = 0]) => one), counts.map(([, other = 0]) => other)],
    formatCount,
  );
  draw(
    "chart-share",
    [{ stroke: resolve("--accent"), width: 0, paths: () => null, points: { show: true, size: 6, fill: resolve("--accent") } }],
    [records.map(({ confidence }) => confidence)],
    (value) => formatPercent(value),
  );
  getElement("chart-count").ariaLabel = t("chart.count.label", { light: formatCount(light), powerful: formatCount(powerful) });
  getElement("chart-share").ariaLabel = t("chart.share.label", { n: formatCount(records.length) });

  /** A colour of the page as a canvas takes it. */
  function resolve(name: string): string {
    const probe = document.createElement("span");
    probe.style.color = `var(${name}, ${colour(name)})`;
    document.body.append(probe);
    const found = getComputedStyle(probe).color;
    probe.remove();
    return found;
  }
}
