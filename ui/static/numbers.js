// @ts-check
// Draws a chart; and where only its numbers have changed, its numbers alone.
//
// Plotly.react goes over defaults, axes, ticks and notes at every call: ten times the work of the lines and
// dots themselves, which with most sliders are all that moves. For these, only its last two steps are made
// here: each kind of trace's own `calc` and `plot`; and where the scale of an axis has changed, too, Plotly
// moves it. The two steps are not public. Where they are missing, or anything else has changed, Plotly.react
// draws. requirements.txt holds Plotly at the version this was written for, and
// tests/browser/test_plots_in_browser.py compares what both draw.

import { drawAhead } from "./depth.js";

const NUMBERS = ["x", "y", "z", "intensity", "text", "hovertemplate"]; // what may change without anything else
const SCALE = ["range", "tickvals", "ticktext"]; // the same of an axis
const LENGTH = { // kinds of traces that can be drawn so, and what their number of points comes from
  scatter: ["x", "y"], bar: ["x", "y"], scatter3d: ["x", "y", "z"], heatmap: [], contour: [], mesh3d: [],
};
const FLAT = /^[xy]axis\d*$/;
const COLOURED = ["heatmap", "contour"];

const arrays = new WeakMap(); // numbers as Python sends them -> as an array
const stills = new WeakMap(); // chart -> all it shows but its numbers
const scales = new WeakMap(); // chart -> name of each flat axis -> its scale as we gave it

// `traces` as Python sends them: their numbers may be packed.
export function draw(node, traces, layout, config) {
  const read = traces.map((trace) => (
    Object.fromEntries(Object.entries(trace).map(([key, value]) => [key, numbersOf(value)]))));
  const still = stillOf(read, layout);
  const before = scales.get(node);
  scales.set(node, Object.fromEntries(
    Object.entries(layout).filter(([key]) => FLAT.test(key)).map(([key, axis]) => [key, scaleOf(axis)])));
  if (still === null || still !== stills.get(node) || !moveNumbers(node, read, layout, before)) {
    stills.delete(node); // should this fail half-way
    window.Plotly.react(node, read, layout, config);
    stills.set(node, still);
  }
  drawAhead(node);
}

// Numbers as gan_core.figures.style.typed packs them, as an array; with a shape, as an array of rows.
// Anything else comes back as it is.
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

// [axis, range] for every axis the viewer has zoomed, by a "plotly_relayout" event; not those we have moved.
export function zoomsOf(node, change) {
  return Object.keys(change).flatMap((key) => {
    const axis = key.match(/^([xy]axis\d*)\.range(\[0\])?$/);
    if (!axis) return [];
    const range = axis[2] ? [change[key], change[`${axis[1]}.range[1]`]] : change[key];
    return JSON.stringify(range) === scales.get(node)?.[axis[1]]?.[0] ? [] : [[axis[1], range]];
  });
}

// All of a picture but the numbers of its traces and, where no axis is tied to another, the scales of its axes:
// where it is equal, moveNumbers makes one picture of another.
// Null where that cannot be: an axis goes with the numbers, or a kind of trace needs more than they.
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

// A flat layout without what moveAxes can change. A new "uirevision" voids a zoom, which plots.js does, too.
const unscaled = (layout) => Object.entries(without(layout, ["uirevision"])).map(([key, part]) => (
  FLAT.test(key) ? [key, without(part, SCALE), part.tickvals !== undefined] : [key, part]));

const scaleOf = (axis) => SCALE.map((key) => JSON.stringify(axis[key]));

const without = (part, keys) => Object.fromEntries(Object.entries(part).filter(([key]) => !keys.includes(key)));

const isList = (value) => Boolean(Array.isArray(value) || ArrayBuffer.isView(value));

// Empty or not, as Plotly hides a trace without numbers. A grid and a mesh keep their size.
function kindOf(value, type = "scatter") {
  if (!isList(value)) return typeof value;
  if (!LENGTH[type].length) return [value.length, value[0]?.length ?? 0];
  return value.length > 0;
}

// Says whether it could. `before`: the scales of the axes on show.
function moveNumbers(node, traces, layout, before) {
  const { _fullData: drawn, _fullLayout: full } = node;
  const modules = full?._basePlotModules;
  if (drawn?.length !== traces.length || !modules?.every(({ plot }) => plot)) return false;
  if (drawn.some(({ visible, _module }) => visible === true && !_module?.calc)) return false;
  node.data = traces;
  node.calcdata = drawn.map((trace, index) => calculated(node, trace, traces[index]));
  // What depends on other traces: bars beside one another, areas up to the curve before.
  for (const place of new Set(drawn.flatMap(({ _module }) => _module?.crossTraceCalc ?? []))) {
    for (const part of Object.values(full._plots)) place(node, part);
  }
  const moved = isFree(layout) ? movedAxes(node, before) : [];
  if (moved.length) return moveAxes(node, layout, moved);
  for (const module of modules) module.plot(node);
  drawn.find(({ type }) => COLOURED.includes(type))?._module.style(node);
  return true;
}

// Names of the axes that do not show what we now ask for: we have asked for something else before, or the
// viewer has zoomed.
const movedAxes = (node, before) => Object.entries(scales.get(node)).filter(([name, [range, ...marks]]) => (
  range !== JSON.stringify(node._fullLayout[name].range) || String(marks) !== String(before[name].slice(1))
)).map(([name]) => name);

// Plotly moves ranges quickly, draws all traces, and leaves the titles where they are: says whether they still
// have their place beside the labels.
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
