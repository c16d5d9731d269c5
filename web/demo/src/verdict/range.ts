/**
 * The interval that is shown: what was measured on similar prompts, widened to hold the confidence.
 * The two come from different fits, so the confidence may lie outside; a wider interval is true as well.
 */
export function getRange(confidence: number, interval: readonly [number, number] | null): readonly [number, number] {
  const [from, to] = interval ?? [confidence, confidence];
  return [Math.min(from, confidence), Math.max(to, confidence)];
}
