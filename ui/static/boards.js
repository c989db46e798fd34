// The boards there are, one for each kind of data: which panels and charts they have. What a panel says of itself and
// what a chart shows comes with the frames.

import { chartHtml, panelHtml } from "./parts.js";
import { REWIND_HTML } from "./rewind.js";
import { SLOW_HTML } from "./slow.js";

const EVERY = { value: "value", tug: "value", losses: "losses", gradients: "losses", saddle: "saddle",
                histogram: "outputs", heatmap: "outputs", means: "outputs" };
const PLACE = { value: "V", losses: "Losses" }; // panels that share one place, and their buttons
const KINDS = {
  digits: { charts: EVERY, place: PLACE },
  plane: { charts: { samples: "samples", ...EVERY, distances: "distances" }, place: { ...PLACE, distances: "Distances" } },
  line: { charts: { samples: "samples", mapping: "samples", ...EVERY, distances: "distances" },
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

export function boardHtml(kind) {
  const { place } = boardOf(kind);
  const front = switchHtml(place);
  return `
  ${SLOW_HTML}
  <div class="grid">
    ${(FIRST[kind] ?? FIRST.digits)()}
    ${panelHtml("value", `<div class="stack">${chartHtml("value")}${chartHtml("tug")}</div>`, front)}
    ${panelHtml("losses", `<div class="stack">${chartHtml("losses")}${chartHtml("gradients")}</div>`, front)}
    ${"distances" in place ? panelHtml("distances", chartHtml("distances"), front) : ""}
    ${panelHtml("saddle", chartHtml("saddle"), `<button class="zoom" type="button">Zoom to path</button>`)}
    ${panelHtml("outputs", `<div class="pair">${chartHtml("histogram")}
      <div class="pair">${chartHtml("heatmap")}${chartHtml("means")}</div></div>`)}
    ${panelHtml("diagnosis", `<p class="notice" role="status"></p><div class="finding"><strong class="name"></strong><span class="number"></span>
      <p class="meaning"></p><p class="advice"></p><p class="expect"></p><p class="change"></p></div>`)}
  </div>
  <p class="cut" role="alert"></p>
  ${REWIND_HTML}`;
}
