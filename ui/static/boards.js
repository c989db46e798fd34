// The boards there are, one for each kind of data: which panels and charts they have. What a panel says of itself and
// what a chart shows comes with the frames.

import { chartHtml, panelHtml } from "./parts.js";
import { REWIND_HTML } from "./rewind.js";
import { SLOW_HTML } from "./slow.js";

const EVERY = { value: "value", tug: "value", losses: "losses", gradients: "losses", saddle: "saddle",
                histogram: "outputs", heatmap: "outputs", means: "outputs" };
const PLACE = { value: "V", losses: "Losses" }; // panels that share one place, and their buttons
const OF_DIGITS = { ...EVERY, fid: "quality", covered: "quality", path: "path" };
const OF_POINTS = { ...EVERY, distances: "distances", slice: "slice" };
const KINDS = {
  digits: { charts: OF_DIGITS, place: { ...PLACE, quality: "FID", path: "FID, D" } },
  plane: { charts: { samples: "samples", ...OF_POINTS }, place: { ...PLACE, distances: "Distances" } },
  line: { charts: { samples: "samples", mapping: "samples", ...OF_POINTS },
          place: { ...PLACE, distances: "Distances" } },
};

/** The charts of a board, each with its panel, and the panels that share one place. */
export const boardOf = (kind) => KINDS[kind] ?? KINDS.digits;

const digitsHtml = (kind) => `
  <figure class="${kind}"><figcaption>${kind}</figcaption><canvas data-digits="${kind}" role="img"></canvas></figure>`;

const FIRST = {
  digits: () => panelHtml("digits",
    `<div class="digits">${digitsHtml("generated")}${digitsHtml("real")}</div><p class="caption"></p>`,
    `<button class="verdict" type="button" aria-pressed="false">D’s verdict</button>`),
  plane: () => panelHtml("samples", chartHtml("samples")),
  line: () => panelHtml("samples", `<div class="stack">${chartHtml("samples")}${chartHtml("mapping")}</div>`),
};

const switchHtml = (place) => `<span class="switch" role="group" aria-label="Which panel is shown here">${
  Object.entries(place).map(([id, name]) => `<button type="button" data-front="${id}">${name}</button>`).join("")}</span>`;

// Of points: D's answers now, or over the steps; together they have no room there.
const TIMES_HTML = `<span class="times" role="group" aria-label="Which answers of D are shown">
  <button type="button" data-time="now">Now</button><button type="button" data-time="steps">Over steps</button></span>`;

export function boardHtml(kind) {
  const { charts, place } = boardOf(kind);
  const front = switchHtml(place);
  return `
  ${SLOW_HTML}
  <div class="grid">
    ${(FIRST[kind] ?? FIRST.digits)()}
    ${panelHtml("value", `<div class="stack">${chartHtml("value")}${chartHtml("tug")}</div>`, front)}
    ${panelHtml("losses", `<div class="stack">${chartHtml("losses")}${chartHtml("gradients")}</div>`, front)}
    ${"quality" in place ? panelHtml("quality", `<div class="stack">${chartHtml("fid")}${chartHtml("covered")}</div>`, front) : ""}
    ${"path" in place ? panelHtml("path", chartHtml("path"), front) : ""}
    ${"distances" in place ? panelHtml("distances", chartHtml("distances"), front) : ""}
    ${panelHtml("saddle", chartHtml("saddle"), `<button class="zoom" type="button">Zoom to path</button>`)}
    ${"slice" in charts ? panelHtml("slice", chartHtml("slice"),
    `<button class="solid" type="button" aria-pressed="false">3-D</button>`) : ""}
    ${panelHtml("outputs", `<div class="pair">${chartHtml("histogram")}
      <div class="pair">${chartHtml("heatmap")}${chartHtml("means")}</div></div>`, "slice" in charts ? TIMES_HTML : "")}
    ${panelHtml("diagnosis", `<p class="notice" role="status"></p><div class="finding"><strong class="name"></strong><span class="number"></span>
      <p class="meaning"></p><p class="advice"></p><p class="expect"></p><p class="change"></p></div>`)}
  </div>
  <p class="cut" role="alert"></p>
  ${REWIND_HTML}`;
}
