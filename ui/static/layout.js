// @ts-check
// Python says what a chart shows; this says how it sits on the page: the theme's colours, the board's
// size of type, and margins that never move.

const UPPER = { value: "tug", losses: "gradients" }; // upper chart of a stack: the chart under it
const LOWER = { tug: "value", gradients: "losses" };
const RIGHT = { means: "heatmap" }; // right chart of two side by side: its left neighbour
const ON_PAGE = "on page"; // see gan_core/figures/live/saddle.py
const CLEAR = "rgba(0,0,0,0)";
const LENGTHS = new Set(["size", "standoff", "xshift", "yshift", "l", "r", "t", "b"]); // in pixels, in a layout

export const titleOf = (layout, axis = "xaxis") => layout[axis]?.title?.text ?? "";

// The layout of figures[name] for a chart of width x height. `zoomOf(axis)`: the range the viewer has
// chosen for an axis, if any; `buttons`: "h" beside one another, "v" below one another.
// `layout.font.size` says for which size of type Python has laid the figure out; all its lengths in
// pixels grow by the same factor.
export function themedLayout(figures, name, { theme, width, height, zoomOf, uirevision, buttons = "h" }) {
  const { layout } = figures[name];
  const { text, page, raised, line, font, size } = theme;
  const axis = { gridcolor: line, zerolinecolor: line, linecolor: line, ticks: "", automargin: false,
                 ticklabeloverflow: "allow" };
  const margin = marginOf(figures, name, size);
  const themed = {
    ...grown(layout, size / nominalSize(layout)), template: undefined, autosize: false, showlegend: false,
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
  return themed;
}

function themedScene(scene, axis) {
  const axes = ["xaxis", "yaxis", "zaxis"].map((key) => [key, { ...axis, showbackground: false, ...scene[key] }]);
  return { ...scene, bgcolor: CLEAR, ...Object.fromEntries(axes) };
}

export const nominalSize = (layout) => layout.font?.size ?? 12;

export function grown(part, factor) {
  if (Array.isArray(part)) return part.map((item) => grown(item, factor));
  if (part === null || typeof part !== "object") return part;
  return Object.fromEntries(Object.entries(part).map(([key, value]) => [
    key, LENGTHS.has(key) && typeof value === "number" ? value * factor : grown(value, factor)]));
}

// Fixed, never automatic: no label makes the plot jump, and the charts of a stack stand exactly aligned.
function marginOf(figures, name, size) {
  const [own, other] = [name, UPPER[name] ?? LOWER[name] ?? name].map((chart) => {
    const { layout } = figures[chart];
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

// On a plot that is too low, the title loses the brackets at its end, and some of its ticks.
function fitUpright(axis, room, size) {
  const title = axis.title.text ?? "";
  const longest = Math.max(...title.split("<br>").map((line) => line.length));
  if (longest * size * 0.42 > room) axis.title.text = title.replace(/(<br>|\s)\([^()]*\)$/, "");
  axis.nticks = Math.max(3, Math.min(axis.nticks || 6, Math.floor(room / (1.2 * size))));
}
