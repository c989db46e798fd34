// What the board and the plots have in common: a frame taken apart, the theme, notes and keys.

const HOME = new URL(".", import.meta.url);
const USUAL = 12; // px of type for which figures say how strong lines and marks are
const PRESENTED = 22; // px of type in presentation mode, in a window of 1920 x 1080

// One plotly.js for the board and the plots.
export const plotly = loadTag("script", { src: new URL("plotly.min.js", HOME).href });
plotly.catch(() => {}); // the failure is reported by render(), which awaits it
plotly.then(rememberArrays, () => {});

// At every redrawing Plotly asks its schema, attribute by attribute, which ones a trace gives as arrays:
// a quarter of the time a chart takes. The answer depends on the kind of trace and on which of its own
// attributes are arrays, so it is looked up once for each such shape.
function rememberArrays() {
  const schema = window.Plotly?.PlotSchema;
  const look = schema?.findArrayAttributes;
  if (!look) return; // another Plotly: as slow as it was
  const known = new Map();
  schema.findArrayAttributes = (trace) => {
    const shape = `${trace.type} ${arraysIn(trace._input ?? trace)}`;
    if (!known.has(shape)) known.set(shape, look.call(schema, trace));
    return [...known.get(shape)];
  };
}

const arraysIn = (part) => Object.entries(part).map(([key, value]) => {
  if (Array.isArray(value) || value?.bdata || ArrayBuffer.isView(value)) return key;
  return value && typeof value === "object" && !key.startsWith("_") ? `${key}(${arraysIn(value)})` : "";
}).join(" ");

// A style sheet of ui/static, over the one for all, which comes once: again, it would lie over the others.
const shared = loadSheet("parts.css");
export const loadStyles = (own) => Promise.all([shared, loadSheet(own)]);

function loadSheet(name) {
  return loadTag("link", { rel: "stylesheet", href: new URL(name, HOME).href });
}

function loadTag(tag, attributes) {
  return new Promise((resolve, reject) => {
    const node = Object.assign(document.createElement(tag), attributes);
    node.onload = resolve;
    node.onerror = () => reject(new Error(`cannot load ${attributes.src ?? attributes.href}`));
    document.head.append(node);
  });
}

const presenting = () => document.documentElement.classList.contains("gan-presenting");

// `least`: no type in a chart is smaller; `strength`: lines and marks are so many times as strong as in the figure.
export function readTheme(root) {
  const style = getComputedStyle(root);
  const read = (name) => style.getPropertyValue(`--st-${name}`).trim();
  const size = parseFloat(style.fontSize);
  const grows = presenting() ? { least: size, strength: size / USUAL } : { least: 0, strength: 1 };
  return { text: read("text-color"), page: read("background-color"), raised: read("secondary-background-color"),
           line: read("border-color"), font: read("font"), size, ...grows };
}

// The size of type in a root: `usual` px for a browser's own 16, and what present.css says in presentation mode.
export function setTypeSize(root, usual) {
  const style = getComputedStyle(root);
  const read = (name) => parseFloat(style.getPropertyValue(name));
  const size = presenting() ? PRESENTED * read("--gan-scale") : usual * Math.max(1, (read("--st-base-font-size") || 16) / 16);
  const fontSize = `${size.toFixed(1)}px`;
  if (root.style.fontSize !== fontSize) root.style.fontSize = fontSize;
}

export function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

export const panelHtml = (id, body, button = "") => `
  <section class="panel" data-panel="${id}">
    <div class="head">
      <header><h2></h2>${button}<button class="about" type="button">i</button></header>
      <p class="sentence"></p>
    </div>
    ${body}
    <div class="note" popover><p class="formula"></p><p class="source"></p></div>
  </section>`;

export const chartHtml = (name) => `
  <div class="chart" data-box="${name}">
    <div class="chips"></div><div class="plot" data-chart="${name}" role="img"></div>
  </div>`;

// What a panel says of itself; see Words in ui/frames.py.
export function writeWords(panel, word) {
  setText(panel.querySelector("h2"), word.title);
  panel.querySelector(".about").ariaLabel = `About: ${word.title}`;
  setText(panel.querySelector(".sentence"), word.sentence);
  panel.querySelector(".sentence").title = [word.sentence, word.more].join(" ").trim(); // whole, should it not fit
  if (word.more) panel.querySelector(".sentence").dataset.more = ` ${word.more}`;
  setText(panel.querySelector(".source"), word.source);
  const formula = panel.querySelector(".formula");
  if (formula.dataset.html !== word.formula) formula.innerHTML = formula.dataset.html = word.formula;
}

// The popover closes by itself on Escape and on a click elsewhere; it only lacks a place.
export function wireNote(panel) {
  const note = panel.querySelector(".note");
  const button = panel.querySelector(".about");
  button.popoverTargetElement = note;
  note.addEventListener("beforetoggle", () => {
    const at = button.getBoundingClientRect();
    note.style.right = `${document.documentElement.clientWidth - at.right}px`;
    note.style.top = `${at.bottom + 4}px`;
  });
}

// The buttons over a chart. Plotly rebuilds a chart whose config object has changed: keep the result.
// `few`: no buttons for what dragging does.
export function chartConfig(name, few, reset) {
  const home = { name: "reset", title: "Reset the view", icon: window.Plotly.Icons.home, click: reset };
  return { displaylogo: false, displayModeBar: "hover", responsive: false, doubleClick: false,
           plotGlPixelRatio: Math.max(1, window.devicePixelRatio), // Plotly's 2 draws four times the pixels shown
           toImageButtonOptions: { filename: name, scale: 2 },
           modeBarButtons: [few ? [home, "toImage"] : ["zoom2d", "pan2d", home, "toImage"]] };
}

// The legend: HTML above the chart instead of a box over its curves. A click calls toggle(trace name).
// A figure that says showlegend: false brings a key of its own.
export function writeChips(box, { data, layout }, { hidden, theme, toggle }) {
  const named = data.filter((trace) => trace.name && ![trace.showlegend, layout.showlegend].includes(false));
  const signature = JSON.stringify([theme, named.map((trace) => [
    trace.name, hidden.has(trace.name), trace.line, trace.marker?.color, trace.fillcolor])]);
  if (box.dataset.signature === signature) return;
  box.dataset.signature = signature;
  box.replaceChildren(...named.map((trace) => {
    const chip = document.createElement("button");
    const isLine = (trace.type ?? "scatter") === "scatter" && !trace.fill && trace.mode !== "markers";
    const dashed = (trace.line?.dash ?? "solid") !== "solid" || trace.marker?.pattern?.shape;
    const colors = [trace.line?.color, trace.marker?.color, trace.fillcolor, theme.text];
    chip.type = "button";
    chip.className = `chip ${isLine ? "line" : "area"} ${dashed ? "dashed" : ""}`;
    chip.style.setProperty("--ink", colors.find((color) => typeof color === "string"));
    chip.textContent = trace.name;
    chip.setAttribute("aria-pressed", !hidden.has(trace.name));
    chip.addEventListener("click", () => toggle(trace.name));
    return chip;
  }));
}
