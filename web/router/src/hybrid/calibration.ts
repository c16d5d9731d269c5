import type { Router, RoutingResponse } from "../index.js";

/**
 * Tells whether decisions go by outcomes of one's own models: a certified policy is in service, or a
 * bundle fitted to such outcomes. The shipped bundle's confidence is about the models it was trained on.
 */
export class Calibration {
  readonly #router: Router;
  #known: string | undefined;
  #calibrated = Promise.resolve(false);

  constructor(router: Router) {
    this.#router = router;
  }

  /** The answer for a decision; asked anew where its policy or its bundle is another one. */
  async isCalibrated({ bundleHash, policyId }: RoutingResponse): Promise<boolean> {
    const key = `${String(bundleHash)} ${String(policyId)}`;
    if (key !== this.#known) {
      this.#known = key;
      this.#calibrated = this.#look().catch(() => false);
    }
    return this.#calibrated;
  }

  async #look(): Promise<boolean> {
    const [drift, facts] = await Promise.all([this.#router.drift(), this.#router.inspect()]);
    return drift !== null || facts?.provenance["adapted"] !== undefined;
  }
}
