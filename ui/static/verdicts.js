// @ts-check
// D's verdicts on the digits: how strongly each leans to "real" or "generated", and how it is written.
// A probability has an equilibrium line, the score of LSGAN, too; the scores of hinge and WGAN have none.

/** @typedef {{ axis: string, reference: number | null, verdicts: number[], real_verdicts: number[] }} Digits */

/** @param {number} share */
export const percent = (share) => Math.round(100 * share);

/**
 * A verdict as text: a probability in percent, a score with two figures or more.
 * @param {string} axis @param {number} output
 */
export function verdictSaid(axis, output) {
  if (axis !== "score") return String(percent(output));
  const size = Math.abs(output);
  return output.toFixed(size < 1 ? 2 : size < 10 ? 1 : 0).replace("-", "−");
}

/** @param {string} axis */
export const unitOf = (axis) => (axis === "score" ? "" : " %");

/** @param {number[]} values */
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);

/**
 * Between which answers D leans neither way, and how far it can lean to either side.
 * Where there is no line, that is half way between the mean scores; how far, is what these digits show.
 * @param {Digits} digits
 */
export function scaleOf({ axis, reference, verdicts, real_verdicts: real }) {
  const middle = reference ?? (mean(verdicts) + mean(real)) / 2;
  if (axis !== "score") return { middle, below: middle, above: 1 - middle };
  const farthest = Math.max(1e-9, ...[...verdicts, ...real].map((output) => Math.abs(output - middle)));
  return { middle, below: farthest, above: farthest };
}

/**
 * From −1, surely generated, to 1, surely real.
 * @param {{ middle: number, below: number, above: number }} scale @param {number} output
 */
export function leanOf({ middle, below, above }, output) {
  const lean = (output - middle) / (output > middle ? above : below);
  return Number.isFinite(lean) ? Math.max(-1, Math.min(1, lean)) : 0;
}

/**
 * What the colours of the verdicts mean.
 * @param {Digits} digits
 */
export function verdictsSaid({ axis, reference }) {
  const colours = "green: taken for real, red: for generated";
  if (reference === null) return axis === "score" ? `${colours}; grey: half way between the mean scores` : colours;
  return `${colours}; line ${verdictSaid(axis, reference)}${unitOf(axis)}`;
}
