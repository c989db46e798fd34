// New numbers in a chart that Plotly has drawn already, and nothing else drawn anew.
//
// Plotly.react goes over defaults, axes, ticks and notes at every call: ten times the work of the lines and
// dots themselves, which are all that moves with most sliders. What is done here instead are its last two
// steps, each kind of trace's own `calc` and `plot`. They are not public: where they are missing, or anything
// but numbers has changed, Plotly.react draws. requirements.txt holds Plotly at the version this was written
// for, and tests/browser/test_plots_in_browser.py compares what both draw.

const FREE = ["x", "y", "z", "intensity", "text", "hovertemplate"]; // what may change without anything else
const KINDS = { scatter: ["x", "y"], bar: ["x", "y"], heatmap: [], scatter3d: ["x", "y", "z"], mesh3d: [] }; // and what makes its length
const ARRAYS = { f4: Float32Array };

function bytesOf(text) {
  if (Uint8Array.fromBase64) return Uint8Array.fromBase64(text);
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < bytes.length; at += 1) bytes[at] = letters.charCodeAt(at);
  return bytes;
}

// Numbers as gan_core.figures.style.typed writes them, as an array; with a shape, as an array of rows.
export function numbersOf(spec) {
  if (!spec?.bdata) return spec;
  const all = new ARRAYS[spec.dtype](bytesOf(spec.bdata).buffer);
  if (!spec.shape) return all;
  const width = Number(String(spec.shape).split(",")[1]);
  return Array.from({ length: all.length / width }, (_, row) => all.subarray(row * width, (row + 1) * width));
}

const isList = (value) => Array.isArray(value) || ArrayBuffer.isView(value);

// All of a picture but the numbers of its traces. Two pictures in which it is equal turn into one another by
// `moveNumbers`; null where that cannot be, as the axes go with the numbers or Plotly must place them first.
export function frameOf(traces, layout) {
  const axes = Object.entries(layout.scene ?? layout).filter(([key]) => /^[xyz]axis\d*$/.test(key));
  if (axes.length < 2 || axes.some(([, { range }]) => !range || range.includes(null))) return null;
  if (traces.some(({ type = "scatter", zmin }) => !KINDS[type] || (type === "heatmap" && zmin === undefined))) return null;
  return JSON.stringify([layout, traces.map((trace) => [
    Object.fromEntries(Object.entries(trace).filter(([key]) => !FREE.includes(key))),
    FREE.map((key) => kindOf(trace[key], trace.type)),
  ])]);
}

// Empty or not, as Plotly hides a trace without numbers. A grid and a mesh keep their size.
function kindOf(value, type = "scatter") {
  if (!isList(value)) return typeof value;
  if (!KINDS[type].length) return [value.length, value[0]?.length ?? 0];
  return value.length > 0;
}

// Draws the numbers of `traces` in `node`, which shows a picture with the same `frameOf`. Says whether it could.
export function moveNumbers(node, traces) {
  const { _fullData: drawn, _fullLayout: layout } = node;
  const modules = layout?._basePlotModules;
  if (!drawn || drawn.length !== traces.length || !modules?.every(({ plot }) => plot)) return false;
  if (drawn.some(({ visible, _module }) => visible === true && !_module?.calc)) return false;
  node.data = traces;
  node.calcdata = drawn.map((trace, index) => calculated(node, trace, traces[index]));
  const placed = new Set(drawn.map(({ _module }) => _module?.crossTraceCalc)); // bars beside one another
  placed.delete(undefined);
  for (const place of placed) for (const part of Object.values(layout._plots)) place(node, part);
  for (const module of modules) module.plot(node);
  drawn.find(({ type }) => type === "heatmap")?._module.style(node); // its image is a new one
  return true;
}

function calculated(node, trace, input) {
  for (const key of FREE) if (key in input) trace[key] = input[key];
  trace._input = input;
  const lengths = KINDS[trace.type].map((key) => trace[key]?.length ?? 0);
  if (lengths.length) trace._length = Math.min(...lengths);
  trace._extremes = {};
  const points = trace.visible === true ? trace._module.calc(node, trace) : [];
  const cells = points?.[0] ? points : [{}];
  cells[0].t ??= {};
  cells[0].trace = trace;
  return cells;
}
