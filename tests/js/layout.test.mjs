import assert from "node:assert/strict";
import { test } from "node:test";

import { grown, nominalSize, themedLayout, themedTraces, titleOf } from "../../ui/static/layout.js";

const THEME = { text: "#111", page: "#fff", raised: "#eee", line: "#ccc", font: "Sans", size: 12, least: 0, strength: 1 };

const axis = (text, more = {}) => ({ title: { text }, ...more });
const figure = (layout) => ({ layout });
const lay = (figures, name, more = {}) => themedLayout(figures, name, {
  theme: THEME, width: 400, height: 300, zoomOf: () => undefined, uirevision: 1, ...more });

test("lengths in pixels grow with the type, everything else stays", () => {
  const part = { size: 10, title: { standoff: 4 }, x: 3, range: [1, 2], notes: [{ xshift: -6, size: "10" }], none: null };
  assert.deepEqual(grown(part, 1.5), {
    size: 15, title: { standoff: 6 }, x: 3, range: [1, 2], notes: [{ xshift: -9, size: "10" }], none: null });
  assert.deepEqual(part.notes, [{ xshift: -6, size: "10" }], "the figure itself is left as it is");
});

test("a figure says for which size of type it is laid out", () => {
  assert.equal(nominalSize({ font: { size: 14 } }), 14);
  assert.equal(nominalSize({}), 12);
  const figures = { one: figure({ font: { size: 14 }, xaxis: axis("x"), margin: { r: 28 } }) };
  assert.equal(lay(figures, "one", { theme: { ...THEME, size: 21 } }).margin.r, 42);
});

test("a chart is as large as its place and wears the theme", () => {
  const themed = lay({ one: figure({ xaxis: axis("step"), yaxis: axis("V") }) }, "one");
  assert.deepEqual([themed.width, themed.height, themed.uirevision], [400, 300, 1]);
  assert.deepEqual(themed.font, { family: "Sans", size: 12, color: "#111" });
  assert.equal(themed.xaxis.gridcolor, "#ccc");
  assert.equal(titleOf(themed), "step");
  assert.equal(titleOf(themed, "yaxis"), "V");
  assert.equal(titleOf({}), "");
});

test("the range the viewer has chosen replaces the figure's, on that axis alone", () => {
  const figures = { one: figure({ xaxis: axis("x", { range: [0, 9], autorange: true }), yaxis: axis("y", { range: [0, 1] }) }) };
  const zoomOf = (key) => (key === "xaxis" ? [2, 3] : undefined);
  const { xaxis, yaxis } = lay(figures, "one", { zoomOf });
  assert.deepEqual([xaxis.range, xaxis.autorange, xaxis.tickmode], [[2, 3], false, "auto"]);
  assert.deepEqual([yaxis.range, yaxis.tickmode], [[0, 1], undefined]);
});

test("of two stacked charts the upper leaves its labels to the lower, and both begin at one edge", () => {
  const figures = {
    tug: figure({ xaxis: axis("step"), yaxis: axis("pull"), margin: { l: 70 } }),
    value: figure({ xaxis: axis("step"), yaxis: axis("V") }),
  };
  const [upper, lower] = [lay(figures, "tug"), lay(figures, "value")];
  const [hides, shows] = upper.margin.b < lower.margin.b ? [upper, lower] : [lower, upper];
  assert.deepEqual([hides.xaxis.title.text, hides.xaxis.showticklabels], ["", false]);
  assert.deepEqual([shows.xaxis.title.text, shows.xaxis.showticklabels], ["step", undefined]);
  assert.deepEqual([upper.margin.l, lower.margin.l], [70, 70]);
  assert.equal(upper.margin.r, lower.margin.r);
});

test("stacked charts of different axes keep their own labels", () => {
  const figures = { tug: figure({ xaxis: axis("step") }), value: figure({ xaxis: axis("time") }) };
  assert.equal(titleOf(lay(figures, "tug")), "step");
  assert.equal(titleOf(lay(figures, "value")), "time");
});

test("the right of two charts with one scale leaves its labels to the left one", () => {
  const figures = { heatmap: figure({ xaxis: axis("step"), yaxis: axis("D") }), means: figure({ xaxis: axis("step"), yaxis: axis("D") }) };
  assert.equal(titleOf(lay(figures, "means"), "yaxis"), "");
  assert.ok(lay(figures, "means").margin.l < lay(figures, "heatmap").margin.l);
  figures.heatmap.layout.yaxis.title.text = "another";
  assert.equal(titleOf(lay(figures, "means"), "yaxis"), "D");
});

test("a title too long for a low chart loses the brackets at its end", () => {
  const figures = { one: figure({ xaxis: axis("x"), yaxis: axis("gradient norm (a mean over the batch)") }) };
  assert.equal(titleOf(lay(figures, "one", { height: 90 }), "yaxis"), "gradient norm");
  assert.equal(titleOf(lay(figures, "one", { height: 600 }), "yaxis"), "gradient norm (a mean over the batch)");
});

test("a note on the page covers what lies behind it, and no key begins left of its chart", () => {
  const notes = [{ name: "on page", text: "a" }, { text: "b", xshift: -500 }];
  const { annotations, margin } = lay({ one: figure({ xaxis: axis("x"), annotations: notes }) }, "one");
  assert.deepEqual([annotations[0].bgcolor, annotations[1].bgcolor], ["#fff", undefined]);
  assert.equal(annotations[1].xshift, -margin.l);
});

test("the axes of a surface wear the theme, and keep what the figure says of them", () => {
  const scene = { xaxis: { title: { text: "p" }, range: [0, 1] }, camera: { eye: { x: 1 } } };
  const themed = lay({ one: figure({ scene }) }, "one").scene;
  assert.deepEqual([themed.xaxis.gridcolor, themed.xaxis.range, themed.zaxis.showbackground], ["#ccc", [0, 1], false]);
  assert.deepEqual(themed.camera, { eye: { x: 1 } });
});

const LARGE = { ...THEME, size: 24, least: 24, strength: 2 };

test("in presentation mode lines and marks are as much stronger as the type is larger, and no type is smaller", () => {
  const traces = [{ x: [1], line: { width: 2, color: "red" }, marker: { size: [4, 6], line: { width: 1 } }, textfont: { size: 9 },
                    contours: { size: 0.2 } }];
  const [drawn] = themedTraces({ data: traces, layout: { font: { size: 12 } } }, LARGE, new Set());
  assert.deepEqual(drawn, { x: [1], line: { width: 4, color: "red" }, marker: { size: [8, 12], line: { width: 2 } },
                            textfont: { size: 24 }, contours: { size: 0.2 } });
  const [usual] = themedTraces({ data: traces, layout: { font: { size: 12 } } }, THEME, new Set());
  assert.deepEqual(usual, traces[0]);
});

test("in presentation mode there are fewer ticks, but every named one stays", () => {
  const wide = { range: [0, 1], dtick: 0.1 };
  const named = { range: [0, 2], tickvals: [0, 1, 2], ticktext: ["best D", "D*", "your D"] };
  const log = { type: "log", range: [-2, 1], tickvals: [0.01, 0.1, 1, 10], ticktext: ["0.01", "0.1", "1", "10"] };
  const xOf = (more) => lay({ one: figure({ xaxis: axis("x", more), yaxis: axis("y") }) }, "one", { theme: LARGE }).xaxis;
  assert.ok(xOf(wide).dtick >= 0.4);
  assert.deepEqual(xOf(named).ticktext, named.ticktext);
  assert.deepEqual(xOf(log).ticktext, ["0.01", "1"]);
});

test("a title that is longer than its axis loses its formula or becomes two lines, in presentation mode alone", () => {
  const yOf = (text, theme) => titleOf(lay({ one: figure({ yaxis: axis(text) }) }, "one", { theme, height: 200 }), "yaxis");
  assert.equal(yOf("b = 1 − exp(E log(1 − D))", LARGE), "b");
  assert.equal(yOf("Column's payoff", LARGE), "Column's<br>payoff");
  assert.equal(yOf("Column's payoff", THEME), "Column's payoff");
});

test("the numbers of contour lines grow with the type", () => {
  const data = [{ type: "contour", contours: { size: 0.1, labelfont: { size: 9 } } }];
  const [{ contours }] = themedTraces({ data, layout: { font: { size: 12 } } }, { ...THEME, size: 24, least: 20 }, new Set());
  assert.deepEqual(contours, { size: 0.1, labelfont: { size: 20 } });
});
