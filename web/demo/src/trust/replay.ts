import type { Router } from "tiny-dancer";
import { formatCount, formatWholePercent } from "../format.js";
import { announce, getElement, getInput, setText } from "../page.js";
import { t } from "../words/language.js";

/** What this page reads of a replay; docs/report.md has all of it. */
interface Replay {
  readonly decisions: number;
  readonly changed: number;
  readonly to_light: number;
  readonly to_powerful: number;
  readonly before: Quality | null;
  readonly after: Quality | null;
}

interface Quality {
  readonly quality: { readonly estimate: number } | null;
}

/** Says what the stored decisions would have been with the limit that was typed; nothing changes. */
export async function showReplay(router: Router): Promise<void> {
  const threshold = Number(getInput("replay-limit").value) / 100;
  const replay = (await router.replay(JSON.stringify({ version: 1, threshold }))) as unknown as Replay;
  const { decisions, changed, to_light, to_powerful, before, after } = replay;
  const values = { n: decisions, changed, light: to_light, powerful: to_powerful };
  const counts = Object.entries(values).map(([name, count]) => [name, formatCount(count)] as const);
  const said = t("replay.result", Object.fromEntries(counts));
  const [was, would] = [before?.quality, after?.quality];
  const quality =
    was && would
      ? t("replay.marks", { before: formatWholePercent(was.estimate), after: formatWholePercent(would.estimate) })
      : t("replay.no-marks");
  setText("replay-result", `${said} ${quality}`);
  getElement("replay-result").hidden = false;
  announce(said);
}
