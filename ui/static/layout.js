// @ts-check
// Python says what a chart shows; this says how it sits on the page: the theme's colours, the board's
// size of type, and margins that never move.

const UPPER = { value: "tug", losses: "gradients", fid: "covered", samples: "mapping" }; // upper chart of a stack: the chart under it
const LOWER = { tug: "value", gradients: "losses", covered: "fid", mapping: "samples" };
const RIGHT = { means: "heatmap" }; // right chart of two side by side: its left neighbour
const ON_PAGE = "on page"; // see gan_core/figures/live/saddle.py
const CLEAR = "rgba(0,0,0,0)";
const LENGTHS = new Set(["size", "standoff", "xshift", "yshift", "l", "r", "t", "b"]); // in pixels, in a layout

export const titleOf = (layout, axis = "xaxis") => layout[axis]?.title?.text ?? "";

// The layout of figures[name] for a chart of width x height. `zoomOf(axis)`: the range the viewer has
// chosen for an axis, if any; `buttons`: "h" beside one another, "v" below one another.
// `layout.font.size` says for which size of type Python has laid the figure out; all its lengths in
// pixels grow by the same factor. `theme.least` and `theme.strength`: see readTheme in parts.js.
export function themedLayout(figures, name, { theme, width, height, zoomOf, uirevision, buttons = "h" }) {
  const { layout } = figures[name];
  const { text, page, raised, line, font, size } = theme;
  const axis = { gridcolor: line, zerolinecolor: line, linecolor: line, ticks: "", automargin: false,
                 ticklabeloverflow: "allow" };
  const margin = marginOf(figures, name, size);
  const themed = {
    ...grown(layout, size / nominalSize(layout), theme.least), template: undefined, autosize: false, showlegend: false,
    width, height, margin, uirevision, paper_bgcolor: CLEAR, plot_bgcolor: CLEAR,
    font: { ...layout.font, family: font, size, color: text },
    hoverlabel: { bgcolor: raised, bordercolor: line, font: { family: font, color: text, size } },
    modebar: { orientation: buttons, bgcolor: CLEAR, color: text, activecolor: text },
  };
  for (const key of Object.keys(layout).filter((key) => /^[xy]axis\d*$/.test(key))) {
    themed[key] = { ...axis, ...themed[key], title: { standoff: 3, font: { size }, ...themed[key].title } };
    const range = zoomOf(key);
    if (range) Object.assign(themed[key], { range, autorange: false, tickmode: "auto" });
  }
  themed.annotations = themed.annotations?.map((note) => ({
    ...note, ...(note.name === ON_PAGE && { bgcolor: page, borderpad: 1 }),
    xshift: Math.max(note.xshift ?? 0, -margin.l), // a key begins where the chart does
  }));
  const unlabelled = { title: { text: "" }, showticklabels: false };
  if (leavesLabelsBelow(figures, name)) Object.assign(themed.xaxis, unlabelled);
  if (leavesLabelsLeft(figures, name)) Object.assign(themed.yaxis, unlabelled);
  if (themed.yaxis) fitUpright(themed.yaxis, height - margin.t - margin.b, size);
  if (layout.scene) themed.scene = themedScene(themed.scene, axis);
  if (theme.strength !== 1) presented(themed, theme);
  return themed;
}

function themedScene(scene, axis) {
  const axes = ["xaxis", "yaxis", "zaxis"].map((key) => [key, { ...axis, showbackground: false, ...scene[key] }]);
  return { ...scene, bgcolor: CLEAR, ...Object.fromEntries(axes) };
}

export const nominalSize = (layout) => layout.font?.size ?? 12;

// `least`: the smallest size of type.
export function grown(part, factor, least = 0) {
  if (Array.isArray(part)) return part.map((item) => grown(item, factor, least));
  if (part === null || typeof part !== "object") return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [
    key, LENGTHS.has(key) && typeof value === "number" ? Math.max(value * factor, key === "size" ? least : -Infinity)
      : grown(value, factor, least)]));
}

// The traces of a figure with the type of the page, and without those the viewer has hidden.
export function themedTraces({ data, layout }, { size, least, strength }, hidden) {
  return data.map((trace) => ({
    ...(strength === 1 ? trace : stronger(trace, strength)),
    ...(trace.textfont && { textfont: grown(trace.textfont, size / nominalSize(layout), least) }),
    ...(trace.contours?.labelfont && { contours: {
      ...trace.contours, labelfont: grown(trace.contours.labelfont, size / nominalSize(layout), least) } }),
    ...(hidden.has(trace.name) && { visible: false }),
  }));
}

const STROKES = ["line", "marker", "pattern"]; // parts of traces and shapes whose "width" and "size" are in pixels

function stronger(part, factor) {
  const times = (value) => (Array.isArray(value) ? value.map(times) : typeof value === "number" ? value * factor : value);
  return Object.fromEntries(Object.entries(part).map(([key, value]) => {
    if (!STROKES.includes(key) || value === null || typeof value !== "object") return [key, value];
    const { width, size } = value;
    return [key, { ...stronger(value, factor), ...(width !== undefined && { width: times(width) }),
                   ...(size !== undefined && { size: times(size) }) }];
  }));
}

// In presentation mode: stronger lines, no more ticks than have room, and shorter titles beside a low plot.
function presented(themed, { size, strength }) {
  const { width, height, margin, xaxis, yaxis, scene } = themed;
  themed.shapes = themed.shapes?.map((shape) => stronger(shape, strength));
  if (xaxis) xaxis.nticks = Math.max(2, Math.min(xaxis.nticks || 6, Math.floor((width - margin.l - margin.r) / (4.5 * size))));
  for (const axis of [xaxis, yaxis]) if (axis) thinned(axis);
  if (yaxis) {
    const title = yaxis.title.text ?? "";
    yaxis.title.text = fitted(title, (text) => fits(text, height - margin.t - margin.b, size));
    const more = yaxis.title.text.split("<br>").length - title.split("<br>").length;
    themed.margin = { ...margin, l: margin.l + Math.max(0, more) * 1.2 * size };
  }
  for (const key of ["xaxis", "yaxis", "zaxis"]) {
    if (scene) scene[key] = { ...scene[key], tickfont: { ...scene[key].tickfont, size: Math.sqrt(SQUARES * size) } };
  }
}

const SQUARES = 12; // Plotly draws the numbers of a 3-D axis in s * s / 12 px for a size s, but its title in s px

// Of ticks that the figure has placed itself, as many as have room; names of actions and players all stay.
function thinned(axis) {
  const { range, dtick, tickvals, ticktext, nticks, type } = axis;
  if (!range || axis.tickmode === "auto") return;
  const every = (count) => Math.max(1, Math.ceil(count / nticks));
  if (typeof dtick === "number" && type !== "log") axis.dtick = dtick * every(Math.abs(range[1] - range[0]) / dtick);
  if (!Array.isArray(tickvals) || (ticktext && type !== "log")) return;
  const [low, high] = type === "log" ? range.map((power) => 10 ** power) : range;
  const keep = every(tickvals.filter((at) => at >= low && at <= high).length);
  for (const key of ["tickvals", "ticktext"]) if (axis[key]) axis[key] = axis[key].filter((_, place) => place % keep === 0);
}

// On a plot that is lower still there is no title: it would lie over others.
function fitted(title, fitsIn) {
  if (fitsIn(title)) return title;
  return fitsIn(shorter(title)) ? shorter(title) : "";
}

// "b = 1 − exp(...)" is called b; other titles become two lines.
function shorter(title) {
  const [name, formula] = title.split(" = ");
  if (formula) return name;
  const gaps = [...title.matchAll(/ /g)].map(({ index }) => index);
  if (!gaps.length || title.includes("<br>")) return title;
  const middle = gaps.reduce((best, gap) => (Math.abs(gap - title.length / 2) < Math.abs(best - title.length / 2) ? gap : best));
  return `${title.slice(0, middle)}<br>${title.slice(middle + 1)}`;
}

// Fixed, never automatic: no label makes the plot jump, and the charts of a stack stand exactly aligned.
function marginOf(figures, name, size) {
  const [own, other] = [name, UPPER[name] ?? LOWER[name] ?? name].map((chart) => {
    const { layout } = figures[chart] ?? figures[name]; // the other chart of a stack may be out of sight
    return { l: 4.5 * size, r: size, t: 0.6 * size, b: 2.9 * size,
             ...grown(layout.margin ?? {}, size / nominalSize(layout)) };
  });
  return { ...own, l: leavesLabelsLeft(figures, name) ? 0.4 * size : Math.max(own.l, other.l),
           r: Math.max(own.r, other.r), b: leavesLabelsBelow(figures, name) ? 0.4 * size : own.b };
}

// The upper of two stacked charts with the same x axis leaves its labels to the lower one.
function leavesLabelsBelow(figures, name) {
  const lower = figures[UPPER[name]];
  return Boolean(lower) && titleOf(lower.layout) === titleOf(figures[name].layout);
}

// The right of two charts with the same y axis leaves its labels to the left one.
function leavesLabelsLeft(figures, name) {
  const left = figures[RIGHT[name]];
  return Boolean(left) && titleOf(left.layout, "yaxis") === titleOf(figures[name].layout, "yaxis");
}

const fits = (title, room, size) => Math.max(...title.split("<br>").map((line) => line.length)) * size * 0.42 <= room;

// On a plot that is too low, the title loses the brackets at its end, and some of its ticks.
function fitUpright(axis, room, size) {
  const title = axis.title.text ?? "";
  if (!fits(title, room, size)) axis.title.text = title.replace(/(<br>|\s)\([^()]*\)$/, "");
  axis.nticks = Math.max(3, Math.min(axis.nticks || 6, Math.floor(room / (1.2 * size))));
}
