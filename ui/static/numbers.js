// Draws a chart; and where only its numbers have changed, its numbers alone.
//
// Plotly.react goes over defaults, axes, ticks and notes at every call: ten times the work of the lines and
// dots themselves, which with most sliders are all that moves. For these, only its last two steps are made
// here: each kind of trace's own `calc` and `plot`. They are not public. Where they are missing, or anything
// but numbers has changed, Plotly.react draws. requirements.txt holds Plotly at the version this was written
// for, and tests/browser/test_plots_in_browser.py compares what both draw.

const NUMBERS = ["x", "y", "z", "intensity", "text", "hovertemplate"]; // what may change without anything else
const LENGTH = { // kinds of traces that can be drawn so, and what their number of points comes from
  scatter: ["x", "y"], bar: ["x", "y"], scatter3d: ["x", "y", "z"], heatmap: [], mesh3d: [],
};

const arrays = new WeakMap(); // numbers as Python sends them -> as an array
const stills = new WeakMap(); // chart -> all it shows but its numbers

// `traces` as Python sends them: their numbers may be packed.
export function draw(node, traces, layout, config) {
  const read = traces.map((trace) => (
    Object.fromEntries(Object.entries(trace).map(([key, value]) => [key, numbersOf(value)]))));
  const still = stillOf(read, layout);
  if (still !== null && still === stills.get(node) && moveNumbers(node, read)) return;
  stills.delete(node); // should this fail half-way
  window.Plotly.react(node, read, layout, config);
  stills.set(node, still);
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

// All of a picture but the numbers of its traces: where it is equal, moveNumbers makes one picture of another.
// Null where that cannot be: an axis goes with the numbers, or a kind of trace needs more than they.
function stillOf(traces, layout) {
  const axes = Object.entries(layout.scene ?? layout).filter(([key]) => /^[xyz]axis\d*$/.test(key));
  if (axes.length < 2 || axes.some(([, { range }]) => !range || range.includes(null))) return null;
  if (traces.some(({ type = "scatter", zmin }) => !LENGTH[type] || (type === "heatmap" && zmin === undefined))) return null;
  return JSON.stringify([layout, traces.map((trace) => [
    Object.fromEntries(Object.entries(trace).filter(([key]) => !NUMBERS.includes(key))),
    NUMBERS.map((key) => kindOf(trace[key], trace.type)),
  ])]);
}

// Empty or not, as Plotly hides a trace without numbers. A grid and a mesh keep their size.
function kindOf(value, type = "scatter") {
  if (!Array.isArray(value) && !ArrayBuffer.isView(value)) return typeof value;
  if (!LENGTH[type].length) return [value.length, value[0]?.length ?? 0];
  return value.length > 0;
}

// Says whether it could.
function moveNumbers(node, traces) {
  const { _fullData: drawn, _fullLayout: layout } = node;
  const modules = layout?._basePlotModules;
  if (drawn?.length !== traces.length || !modules?.every(({ plot }) => plot)) return false;
  if (drawn.some(({ visible, _module }) => visible === true && !_module?.calc)) return false;
  node.data = traces;
  node.calcdata = drawn.map((trace, index) => calculated(node, trace, traces[index]));
  // What depends on other traces: bars beside one another, areas up to the curve before.
  for (const place of new Set(drawn.flatMap(({ _module }) => _module?.crossTraceCalc ?? []))) {
    for (const part of Object.values(layout._plots)) place(node, part);
  }
  for (const module of modules) module.plot(node);
  drawn.find(({ type }) => type === "heatmap")?._module.style(node); // its image is a new one
  return true;
}

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
