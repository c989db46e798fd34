// @ts-check
// The close-up of the saddle. Python says which part of the surface it is, and draws its contour lines; see
// gan_core/figures/live/closeup.py.

const HEIGHTS = "heights"; // the numbers beside the contour lines of the whole surface

/** @typedef {{name?: string}} Trace */

/** The traces of a figure, or of its close-up. @param {{data: Trace[]}} figure @param {{data: Trace[]}} [closeup] */
export function tracesOf({ data }, closeup) {
  return closeup ? [...closeup.data, ...data.filter(({ name }) => name !== HEIGHTS)] : data;
}

/** How much of the surface is in the picture; nothing if all of it is. @param {number[]} a @param {number[]} b */
export function scaleSaid(a, b) {
  if ([a, b].every(([low, high]) => low <= 0 && high >= 1)) return "";
  return `Only a part of the surface: a ${span(a)}, b ${span(b)}.`;
}

/** @param {number[]} range */
const span = ([low, high]) => `from ${decimals(low)} to ${decimals(high)}`;

/** @param {number} value */
const decimals = (value) => String(Number(Number(value).toFixed(3))).replace("-", "−");
