// @ts-check
// Draws a chart. If only its numbers have changed, it draws only these.
//
// Plotly.react processes defaults, axes, ticks and notes at every call, which takes ten times as long as the
// lines and dots. Most sliders change only lines and dots. For these, this file runs only the last two steps
// of Plotly.react: `calc` and `plot` of each kind of trace; if the scale of an axis has changed, Plotly moves
// it. The two steps are not public. If they are missing, or anything else has changed, Plotly.react draws the
// chart. requirements.txt fixes the version of Plotly, and tests/browser/test_plots_in_browser.py compares
// both drawings.

import { drawAhead } from "./depth.js";

const NUMBERS = ["x", "y", "z", "intensity", "text", "hovertemplate"]; // parts of a trace that can change alone
const SCALE = ["range", "tickvals", "ticktext"]; // parts of an axis that can change alone
const LENGTH = { // kinds of traces that can be drawn so, and the arrays that give their number of points
  scatter: ["x", "y"], bar: ["x", "y"], scatter3d: ["x", "y", "z"], heatmap: [], contour: [], mesh3d: [],
};
const FLAT = /^[xy]axis\d*$/;
const COLOURED = ["heatmap", "contour"];

const arrays = new WeakMap(); // numbers as sent by Python -> array
const stills = new WeakMap(); // chart -> everything it shows except its numbers
const scales = new WeakMap(); // chart -> name of each flat axis -> its scale as last set here

// `traces` as sent by Python; their numbers may be packed.
export function draw(node, traces, layout, config) {
  const read = traces.map((trace) => (
    Object.fromEntries(Object.entries(trace).map(([key, value]) => [key, numbersOf(value)]))));
  const still = stillOf(read, layout);
  const before = scales.get(node);
  scales.set(node, Object.fromEntries(
    Object.entries(layout).filter(([key]) => FLAT.test(key)).map(([key, axis]) => [key, scaleOf(axis)])));
  if (still === null || still !== stills.get(node) || !moveNumbers(node, read, layout, before)) {
    stills.delete(node); // in case this fails half-way
    window.Plotly.react(node, read, layout, config);
    stills.set(node, still);
  }
  drawAhead(node);
}

// Numbers as gan_core.figures.style.typed packs them, as an array; with a shape, as an array of rows.
// Anything else is returned unchanged.
export function numbersOf(value) {
  if (!value?.bdata) return value;
  if (!arrays.has(value)) arrays.set(value, unpacked(value));
  return arrays.get(value);
}

function unpacked({ bdata, shape }) {
  const all = new Float32Array(bytesOf(bdata).buffer);
  if (!shape) return all;
  const width = Number(shape.split(",")[1]);
  return Array.from({ length: all.length / width }, (_, row) => all.subarray(row * width, (row + 1) * width));
}

function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = letters.charCodeAt(at);
  return bytes;
}

// [axis, range] for every axis the viewer has zoomed, from a "plotly_relayout" event, without those moved here.
export function zoomsOf(node, change) {
  return Object.keys(change).flatMap((key) => {
    const axis = key.match(/^([xy]axis\d*)\.range(\[0\])?$/);
    if (!axis) return [];
    const range = axis[2] ? [change[key], change[`${axis[1]}.range[1]`]] : change[key];
    return JSON.stringify(range) === scales.get(node)?.[axis[1]]?.[0] ? [] : [[axis[1], range]];
  });
}

// Everything in a chart except the numbers of its traces and, if no axis is tied to another, the scales of its
// axes. If it is equal in two charts, moveNumbers turns one into the other. Null if that is impossible, because
// the range of an axis depends on the numbers, or a kind of trace needs more than its numbers.
function stillOf(traces, layout) {
  const axes = Object.entries(layout.scene ?? layout).filter(([key]) => /^[xyz]axis\d*$/.test(key));
  if (axes.length < 2 || axes.some(([, { range }]) => !range || range.includes(null))) return null;
  if (traces.some(({ type = "scatter" }) => !LENGTH[type])) return null;
  if (traces.some(({ type, zmin }) => COLOURED.includes(type) && zmin === undefined)) return null;
  return JSON.stringify([
    isFree(layout) ? unscaled(layout) : layout,
    traces.map((trace) => [without(trace, NUMBERS), NUMBERS.map((key) => kindOf(trace[key], trace.type))]),
  ]);
}

const isFree = (layout) => !layout.scene && Object.values(layout).every((part) => !part?.scaleanchor);

// A flat layout without the parts that moveAxes can change, and without "uirevision": plots.js resets the zoom.
const unscaled = (layout) => Object.entries(without(layout, ["uirevision"])).map(([key, part]) => (
  FLAT.test(key) ? [key, without(part, SCALE), part.tickvals !== undefined] : [key, part]));

const scaleOf = (axis) => SCALE.map((key) => JSON.stringify(axis[key]));

const without = (part, keys) => Object.fromEntries(Object.entries(part).filter(([key]) => !keys.includes(key)));

const isList = (value) => Boolean(Array.isArray(value) || ArrayBuffer.isView(value));

// Whether a list is empty, because Plotly hides a trace without numbers; for a grid or a mesh, its size.
function kindOf(value, type = "scatter") {
  if (!isList(value)) return typeof value;
  if (!LENGTH[type].length) return [value.length, value[0]?.length ?? 0];
  return value.length > 0;
}

// Returns whether it succeeded. `before`: the present scales of the axes.
function moveNumbers(node, traces, layout, before) {
  const { _fullData: drawn, _fullLayout: full } = node;
  const modules = full?._basePlotModules;
  if (drawn?.length !== traces.length || !modules?.every(({ plot }) => plot)) return false;
  if (drawn.some(({ visible, _module }) => visible === true && !_module?.calc)) return false;
  node.data = traces;
  node.calcdata = drawn.map((trace, index) => calculated(node, trace, traces[index]));
  // Parts that depend on other traces: bars beside one another, areas down to the previous curve.
  for (const place of new Set(drawn.flatMap(({ _module }) => _module?.crossTraceCalc ?? []))) {
    for (const part of Object.values(full._plots)) place(node, part);
  }
  const moved = isFree(layout) ? movedAxes(node, before) : [];
  if (moved.length) return moveAxes(node, layout, moved);
  for (const module of modules) module.plot(node);
  drawn.find(({ type }) => COLOURED.includes(type))?._module.style(node);
  return true;
}

// Names of the axes that differ from the wanted scales, because these have changed or the viewer has zoomed.
const movedAxes = (node, before) => Object.entries(scales.get(node)).filter(([name, [range, ...marks]]) => (
  range !== JSON.stringify(node._fullLayout[name].range) || String(marks) !== String(before[name].slice(1))
)).map(([name]) => name);

// Plotly moves ranges quickly and draws all traces, but does not move the titles. Returns whether the titles
// still fit beside the labels.
function moveAxes(node, layout, names) {
  const width = labelWidth(node);
  for (const name of names) {
    const { tickvals, ticktext } = layout[name];
    for (const on of [node._fullLayout, node.layout]) if (tickvals) Object.assign(on[name], { tickvals, ticktext });
  }
  window.Plotly.relayout(node, Object.fromEntries(names.map((name) => [`${name}.range`, [...layout[name].range]])));
  return labelWidth(node) === width;
}

const labelWidth = (node) => Math.max(
  0, ...[...node.querySelectorAll(".ytick text")].map((label) => label.getBBox().width));

function calculated(node, trace, input) {
  for (const key of NUMBERS) if (key in input) trace[key] = input[key];
  trace._input = input;
  const lengths = LENGTH[trace.type].map((key) => trace[key]?.length ?? 0);
  if (lengths.length) trace._length = Math.min(...lengths);
  trace._extremes = {};
  const points = trace.visible === true ? trace._module.calc(node, trace) : [];
  const cells = points?.[0] ? points : [{}];
  cells[0].t ??= {};
  cells[0].trace = trace;
  return cells;
}
