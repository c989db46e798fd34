// The board: draws one frame of a running GAN. A frame is built in Python (see ui/board.py); this
// file only decides where things go, which colours the theme gives them, and what the viewer has
// zoomed, hidden or rewound. It must never decide what is true.

import { scaleSaid, tracesOf } from "./closeup.js";
import { drawDigits, percent } from "./digits.js";
import { themedLayout, themedTraces, titleOf } from "./layout.js";
import { addressOf } from "./line.js";
import { draw, zoomsOf } from "./numbers.js";
import {
  chartConfig, chartHtml, loadStyles, panelHtml, plotly, readTheme, setText, setTypeSize, wireNote, writeChips,
  writeWords,
} from "./parts.js";
import { REWIND_HTML, rewindBar } from "./rewind.js";
import { openStream } from "./stream.js";

const PANEL_OF = { value: "value", tug: "value", losses: "losses", gradients: "losses", saddle: "saddle",
                   histogram: "outputs", heatmap: "outputs", means: "outputs" };
const CHARTS = Object.keys(PANEL_OF);

const WITH_LINES = ["value", "losses", "histogram", "means"]; // drawn first when a setting has moved their lines

const STAND_PATIENCE = 300; // ms: so long may a run of the page that is under way take to arrive

const styles = loadStyles("board.css");
const views = new WeakMap(); // root element -> everything we remember about it

// Streamlit calls this whenever the page is run, and at every change of theme. Frames come by the stream.
export async function render(component) {
  await styles;
  const view = viewIn(component.parentElement);
  view.page = component.data;
  showAsked(view);
  view.askForRun = (stand) => component.setTriggerValue("stand", stand);
  follow(view);
  if (view.frame) accept(view, view.frame);
  await plotly;
  if (!window.Plotly) throw new Error("plotly.min.js is not plotly"); // a server may answer with a page
  schedule(view);
  // A run that is superseded is cleaned up at once although the board lives on: look again later.
  return () => setTimeout(() => { if (!view.root.isConnected) dispose(view); });
}

// For a page that shows somebody else's run (follow.js): `seek(wish)` asks as the rewind bar does, `freeze(on)` keeps
// the picture while frames go on coming.
export function controlsOf(parent) {
  const view = viewIn(parent);
  return {
    seek: (wish) => view.stream?.seek(wish),
    freeze: (on) => {
      view.frozen = on;
      if (!on && view.next) accept(view, view.next);
      view.next = null;
    },
  };
}

// ---------------------------------------------------------------- the skeleton

const digitsHtml = (kind) => `
  <figure class="${kind}"><figcaption>${kind}</figcaption><canvas data-digits="${kind}" role="img"></canvas></figure>`;

// Two panels share one place; each has the buttons that bring one of them to the front.
const IN_ONE_PLACE = { value: "V", losses: "Losses" };
const switchHtml = `<span class="switch" role="group" aria-label="Show the value or the losses">${
  Object.entries(IN_ONE_PLACE).map(([id, name]) => `<button type="button" data-front="${id}">${name}</button>`).join("")}</span>`;

const BOARD_HTML = `
  <div class="grid">
    ${panelHtml("digits", `<div class="digits">${digitsHtml("generated")}${digitsHtml("real")}</div><p class="caption"></p>`,
      `<button class="verdict" type="button" aria-pressed="false">D’s verdict</button>`)}
    ${panelHtml("value", `<div class="stack">${chartHtml("value")}${chartHtml("tug")}</div>`, switchHtml)}
    ${panelHtml("losses", `<div class="stack">${chartHtml("losses")}${chartHtml("gradients")}</div>`, switchHtml)}
    ${panelHtml("saddle", chartHtml("saddle"), `<button class="zoom" type="button">Zoom to path</button>`)}
    ${panelHtml("outputs", `<div class="pair">${chartHtml("histogram")}
      <div class="pair">${chartHtml("heatmap")}${chartHtml("means")}</div></div>`)}
    ${panelHtml("diagnosis", `<p class="notice" role="status"></p><div class="finding"><strong class="name"></strong><span class="number"></span>
      <p class="meaning"></p><p class="advice"></p><p class="expect"></p><p class="change"></p></div>`)}
  </div>
  <p class="cut" role="alert"></p>
  ${REWIND_HTML}`;

function viewIn(parent) {
  let root = parent.querySelector(":scope > .gan-board");
  if (!root) {
    root = document.createElement("div");
    root.className = "gan-board";
    root.innerHTML = BOARD_HTML;
    parent.append(root);
    views.set(root, newView(root));
    window.dispatchEvent(new Event("gan-panels")); // see stage.js
  }
  return views.get(root);
}

function newView(root) {
  const find = (selector) => root.querySelector(selector);
  const view = {
    root, find, frame: null, page: null, stream: null, watched: "", standTimer: 0, askedFor: "", // what the page has said, and the run it follows
    drawnKey: "", theme: null, bar: rewindBar(root),
    plots: Object.fromEntries(CHARTS.map((name) => [name, find(`[data-chart="${name}"]`)])),
    scene: undefined, // of the lesson
    dirty: new Set(), ticket: 0, restUntil: 0, // charts to draw, and the animation frame that draws the next
    pointer: null, // the last mouse event over a chart
    held: null, // the chart the viewer is dragging in: drawing it now would break the drag
    zoom: new Map(), resets: {}, hidden: new Map(), configs: {}, drawn: {},
    showVerdicts: false, zoomsToPath: false,
    shown: CHARTS, // charts with room on the screen
    frozen: false, next: null, // a viewer keeps the picture, and the frame that is to be shown after it
  };
  view.observer = new ResizeObserver((entries) => resized(view, entries));
  [root, find(".digits"), ...Object.values(view.plots)].forEach((node) => view.observer.observe(node));
  view.release = () => setTimeout(() => { view.held = null; schedule(view); });
  for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, view.release);
  for (const name of CHARTS) {
    view.plots[name].addEventListener("pointerdown", () => { view.held = name; });
    view.plots[name].addEventListener("mousemove", (event) => { view.pointer = event; });
  }
  for (const panel of root.querySelectorAll(".panel")) wireNote(panel);
  find(".zoom").addEventListener("click", () => zoomToPath(view, !view.zoomsToPath));
  for (const button of root.querySelectorAll(".switch button")) {
    button.addEventListener("click", () => {
      bringToFront(root, button.dataset.front);
      find(`[data-panel="${button.dataset.front}"] .switch [aria-pressed="true"]`).focus(); // this one is hidden now
    });
  }
  bringToFront(root, "value");
  find(".verdict").addEventListener("click", (event) => {
    view.showVerdicts = !view.showVerdicts;
    event.currentTarget.setAttribute("aria-pressed", view.showVerdicts);
    if (view.frame) writeDigits(view);
  });
  return view;
}

// Which of the panels that share a place is seen; the observer draws its charts as soon as they have a size.
function bringToFront(root, panel) {
  root.dataset.front = panel;
  for (const button of root.querySelectorAll(".switch button")) {
    button.setAttribute("aria-pressed", button.dataset.front === panel);
  }
}

// A scene of a lesson names one of them, once: the viewer may choose the other one afterwards.
function showAsked(view) {
  const [scene, panel] = view.page.opens ?? [];
  if (scene === view.scene) return;
  view.scene = scene;
  if (panel in IN_ONE_PLACE) bringToFront(view.root, panel);
}

function dispose(view) {
  view.observer.disconnect();
  for (const end of ["pointerup", "pointercancel"]) window.removeEventListener(end, view.release);
  cancelAnimationFrame(view.ticket);
  clearTimeout(view.standTimer);
  view.stream?.close();
  view.bar.dispose();
  Object.values(view.plots).forEach((node) => window.Plotly?.purge(node));
  views.delete(view.root);
}

// ---------------------------------------------------------------- taking a frame in

// One stream for the run the page names, opened anew when it names another.
function follow(view) {
  const { watch, ticket } = view.page;
  if (view.watched === watch) {
    view.stream.retry();
    return;
  }
  view.stream?.close();
  view.watched = watch;
  const address = addressOf(`stream/${watch}${ticket && `?ticket=${ticket}`}`);
  view.stream = openStream({
    url: () => address,
    show: (frame) => {
      if (view.frozen) view.next = frame;
      else accept(view, frame);
    },
    tell: (sentence) => {
      setText(view.find(".cut"), sentence);
      view.root.classList.toggle("is-cut", Boolean(sentence));
    },
  });
}

// The page is run anew when the run no longer stands as its buttons say. It may just be under way, after a click.
// Frames come faster than the patience lasts, so they do not restart it; and each stand is asked for once.
function compareStand(view) {
  if (view.frame.stand === view.page.stand) {
    clearTimeout(view.standTimer);
    [view.standTimer, view.askedFor] = [0, ""];
    return;
  }
  if (view.standTimer) return;
  view.standTimer = setTimeout(() => {
    view.standTimer = 0;
    const { stand } = view.frame;
    if (stand === view.page.stand || stand === view.askedFor) return;
    view.askedFor = stand;
    view.askForRun(stand);
  }, STAND_PATIENCE);
}

function accept(view, frame) {
  const before = view.frame;
  if (frame.game !== view.frame?.game) view.zoom.clear(); // another game: its steps are not those of before
  view.frame = frame;
  compareStand(view);
  view.theme = readTheme(view.root);
  Object.assign(view.root.dataset, { frame: frame.frame, state: frame.state, step: frame.step, live: frame.live });
  writeAllWords(view);
  writeScale(view);
  view.bar.show(frame, view.stream.seek);
  const { live, step, game } = frame;
  window.dispatchEvent(new CustomEvent("gan-shown", { detail: { watch: view.watched, live, step, game } }));
  const picture = frame.live ? frame.frame : `${frame.game} at ${frame.step}`;
  const key = JSON.stringify([picture, view.theme]);
  if (key === view.drawnKey) return;
  view.drawnKey = key;
  writeDigits(view);
  redraw(view, CHARTS);
  if (before && hasMoved(before, frame)) {
    view.dirty = new Set([...WITH_LINES.filter((name) => view.dirty.has(name)), ...view.dirty]);
  }
}

// Whether somebody has moved a setting, or its equilibrium line has followed.
const hasMoved = (before, { stand, digits }) => (
  stand !== before.stand || digits.reference !== before.digits.reference);

function writeAllWords({ find, page: { words }, frame: { alts, digits, diagnosis, expect, change, message, state }, plots }) {
  for (const [id, word] of Object.entries(words)) writeWords(find(`[data-panel="${id}"]`), word);
  for (const name of CHARTS) plots[name].ariaLabel = alts[PANEL_OF[name]] ?? name;
  find("[data-digits=generated]").ariaLabel = alts.digits ?? "generated digits";
  find("[data-digits=real]").ariaLabel = `${digits.real_count} real digits, to compare with`;
  find("[data-panel=diagnosis]").dataset.tone = diagnosis.tone;
  setText(find(".notice"), state === "stopped" ? "" : message); // the page says why it stopped, above
  setText(find(".finding .name"), diagnosis.name);
  setText(find(".finding .number"), diagnosis.number);
  setText(find(".finding .meaning"), diagnosis.sentence);
  setText(find(".finding .advice"), diagnosis.advice);
  setText(find(".finding .expect"), expect);
  setText(find(".finding .change"), change);
}

function writeDigits({ find, frame: { digits, pixels, real }, showVerdicts }) {
  drawDigits(find(".digits"), digits, { generated: pixels, real }, showVerdicts);
  setText(find(".caption"), showVerdicts
    ? `green: taken for real, red: for generated; line ${percent(digits.reference)} %` : digits.caption);
}

// ---------------------------------------------------------------- charts

function resized(view, entries) {
  if (entries.some(({ target }) => target === view.root)) {
    // Type grows with the board: 12 px on a 1280 px screen, 14 to 15 px on a 1920 px one.
    setTypeSize(view.root, 12 + Math.max(0, Math.min(4, (view.root.clientWidth - 770) / 200)));
  }
  view.shown = CHARTS.filter((name) => view.plots[name].clientWidth);
  if (!view.frame) return;
  view.theme = readTheme(view.root);
  writeDigits(view);
  redraw(view, CHARTS);
}

function redraw(view, names) {
  view.shown = CHARTS.filter((name) => view.plots[name].clientWidth);
  names.filter((name) => view.shown.includes(name)).forEach((name) => view.dirty.add(name));
  schedule(view);
}

// One chart an animation frame, since six at once would block the page for a tenth of a second, and
// then as long a rest as it took: on a weak laptop the charts skip steps, the sliders stay alive.
function schedule(view) {
  if (view.ticket || !window.Plotly || !view.frame) return;
  const next = [...view.dirty].find((name) => name !== view.held);
  if (!next) return;
  view.ticket = requestAnimationFrame(() => {
    view.ticket = 0;
    const start = performance.now();
    try {
      if (start >= view.restUntil && view.dirty.delete(next)) drawChart(view, next);
    } finally { // a broken figure stops no other
      view.restUntil = Math.max(view.restUntil, 2 * performance.now() - start);
      schedule(view);
    }
  });
}

function drawChart(view, name) {
  const node = view.plots[name];
  const figure = view.frame.figures[name];
  if (!figure || !node.clientWidth || !node.clientHeight) return;
  const hidden = view.hidden.get(name) ?? new Set();
  const traces = themedTraces({ ...figure, data: tracesOf(figure, closeupOf(view, name)) }, view.theme, hidden);
  const isNew = !view.configs[name];
  // Plotly rebuilds a chart whose config object has changed, so each keeps its own.
  const config = (view.configs[name] ??= chartConfig(name, true, () => resetChart(view, name)));
  const figures = Object.fromEntries([...view.shown, name].map((chart) => [chart, view.frame.figures[chart]]));
  const layout = themedLayout(figures, name, {
    theme: view.theme, width: node.clientWidth, height: node.clientHeight,
    zoomOf: (axis) => zoomOf(view, name, axis),
    buttons: "v", // clear of the key
    // Constant, so that the viewer keeps the camera; a new one resets it.
    uirevision: `board ${view.resets[name] ?? 0}`,
  });
  draw(node, traces, layout, config);
  const toggle = (trace) => {
    if (!hidden.delete(trace)) hidden.add(trace);
    view.hidden.set(name, hidden);
    redraw(view, [name]);
  };
  writeChips(view.find(`[data-box="${name}"] .chips`), figure, { hidden, theme: view.theme, toggle });
  if (node.matches(":hover") && view.pointer?.target.isConnected) {
    window.Plotly.Fx.hover(node, view.pointer); // drawing has wiped the label the viewer is reading
  }
  view.drawn[name] = view.frame.frame;
  view.root.dataset.drawn = Math.min(...view.shown.map((chart) => view.drawn[chart] ?? 0)); // the oldest on show
  if (!isNew) return;
  node.on("plotly_relayout", (change) => rememberZoom(view, name, zoomsOf(node, change)));
  node.on("plotly_doubleclick", () => resetChart(view, name));
}

// The ranges of axes that the viewer has zoomed, or those of the close-up, if that is what they want to see.
const zoomOf = (view, name, axis) => (
  view.zoom.get(zoomKey(view, name, axis)) ?? closeupOf(view, name)?.[axis]);

const closeupOf = (view, name) => (view.zoomsToPath ? view.frame.figures[name].closeup : undefined);

function zoomToPath(view, on) {
  view.zoomsToPath = on;
  setText(view.find(".zoom"), on ? "Whole surface" : "Zoom to path");
  if (!view.frame) return;
  for (const axis of ["xaxis", "yaxis"]) view.zoom.delete(zoomKey(view, "saddle", axis));
  writeScale(view);
  redraw(view, ["saddle"]);
}

function writeScale(view) {
  const { layout } = view.frame.figures.saddle;
  const [a, b] = ["xaxis", "yaxis"].map((axis) => zoomOf(view, "saddle", axis) ?? layout[axis].range);
  setText(view.find('[data-panel="saddle"] .sentence'), scaleSaid(a, b) || view.page.words.saddle.sentence);
}

// Axes with the same title (the training step, D's output) are zoomed together. The zoom is kept here
// because Plotly drops it as soon as Python moves the axis range, which it does as steps pass.
function zoomKey(view, name, axis) {
  const title = titleOf(view.frame.figures[name].layout, axis);
  return title ? `${axis[0]}: ${title}` : `${name}: ${axis}`;
}

function rememberZoom(view, name, zooms) {
  for (const [axis, range] of zooms) view.zoom.set(zoomKey(view, name, axis), range);
  if (!zooms.length) return;
  writeScale(view);
  redraw(view, CHARTS);
}

function resetChart(view, name) {
  for (const axis of Object.keys(view.frame.figures[name].layout)) view.zoom.delete(zoomKey(view, name, axis));
  view.resets[name] = (view.resets[name] ?? 0) + 1; // a new uirevision also forgets the 3-D camera
  writeScale(view);
  redraw(view, CHARTS);
}
