import { InvalidInputError, type Router } from "tiny-dancer";
import { formatCount, formatWholePercent } from "../format.js";
import { announce, getElement, getInput, setText } from "../page.js";
import { getLanguage, t } from "../words/language.js";

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
  const limit = getInput("replay-limit").valueAsNumber; // NaN where nothing is typed
  if (!(limit >= 0 && limit <= 100)) {
    throw new InvalidInputError(t("replay.fault", { field: t("trust.replay.limit") }));
  }
  const policy = JSON.stringify({ version: 1, threshold: limit / 100 });
  const replay = (await router.replay(policy)) as unknown as Replay;
  const { decisions, changed, to_light, to_powerful, before, after } = replay;
  const values = { n: decisions, changed, light: to_light, powerful: to_powerful };
  const counts = Object.entries(values).map(([name, count]) => [name, formatCount(count)] as const);
  const shown = limit.toLocaleString(getLanguage());
  const said = t("replay.result", { limit: shown, ...Object.fromEntries(counts) });
  const [was, would] = [before?.quality, after?.quality];
  const quality =
    was && would
      ? t("replay.marks", { before: formatWholePercent(was.estimate), after: formatWholePercent(would.estimate) })
      : t("replay.no-marks");
  setText("replay-result", `${said} ${quality}`);
  getElement("replay-result").hidden = false;
  announce(said);
}
