// The board: draws one frame of a running GAN. A frame is built in Python (see ui/board.py); this
// file only decides where things go, which colours the theme gives them, and what the viewer has
// zoomed, hidden or rewound. It must never decide what is true.

import { scaleSaid, tracesOf } from "./closeup.js";
import { boardHtml, boardOf } from "./boards.js";
import { drawDigits } from "./digits.js";
import { themedLayout, themedTraces, titleOf } from "./layout.js";
import { addressOf } from "./line.js";
import { draw, zoomsOf } from "./numbers.js";
import {
  chartConfig, loadStyles, plotly, readTheme, setText, setTypeSize, wireNote, writeChips,
  writeWords,
} from "./parts.js";
import { rewindBar } from "./rewind.js";
import { slowMotion } from "./slow.js";
import { openStream } from "./stream.js";
import { verdictsSaid } from "./verdicts.js";

const WITH_LINES = ["value", "losses", "histogram", "means"]; // drawn first when a setting has moved their lines

const SLOW_CHARTS = ["samples", "mapping"]; // those that a part of a step has pictures of

const STAND_PATIENCE = 300; // ms: so long may a run of the page that is under way take to arrive

const styles = loadStyles("board.css");
const views = new WeakMap(); // root element -> everything we remember about it

// Streamlit calls this whenever the page is run, and at every change of theme. Frames come by the stream.
export async function render(component) {
  await styles;
  const view = viewIn(component.parentElement, component.data.kind);
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

function viewIn(parent, kind = "digits") {
  let root = parent.querySelector(":scope > .gan-board");
  if (!root) {
    root = document.createElement("div");
    root.className = "gan-board";
    parent.append(root);
    views.set(root, newView(root));
    furnish(views.get(root), kind);
  }
  return views.get(root);
}

function newView(root) {
  const find = (selector) => root.querySelector(selector);
  const view = {
    root, find, frame: null, page: null, stream: null, watched: "", standTimer: 0, askedFor: "", // what the page has said, and the run it follows
    kind: "", charts: {}, plots: {}, // of the data, and of the board for it
    drawnKey: "", theme: null, bar: null, slow: null,
    scene: undefined, // of the lesson
    dirty: new Set(), ticket: 0, restUntil: 0, // charts to draw, and the animation frame that draws the next
    pointer: null, // the last mouse event over a chart
    held: null, // the chart the viewer is dragging in: drawing it now would break the drag
    zoom: new Map(), resets: {}, hidden: new Map(), configs: {}, drawn: {},
    showVerdicts: false, zoomsToPath: false, isSolid: false,
    shown: [], // charts with room on the screen
    frozen: false, next: null, // a viewer keeps the picture, and the frame that is to be shown after it
  };
  view.observer = new ResizeObserver((entries) => resized(view, entries));
  view.release = () => setTimeout(() => { view.held = null; schedule(view); });
  for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, view.release);
  return view;
}

// The panels and charts for one kind of data; another kind takes their place.
function furnish(view, kind) {
  const { root, find } = view;
  unfurnish(view);
  root.innerHTML = boardHtml(kind);
  root.dataset.kind = kind;
  const { charts, place } = boardOf(kind);
  const plots = Object.fromEntries(Object.keys(charts).map((name) => [name, find(`[data-chart="${name}"]`)]));
  Object.assign(view, { kind, charts, plots, bar: rewindBar(root), shown: Object.keys(charts), drawnKey: "",
                        slow: slowMotion(root, () => redraw(view, SLOW_CHARTS)) });
  for (const part of [view.dirty, view.zoom, view.hidden]) part.clear();
  Object.assign(view, { configs: {}, drawn: {}, resets: {}, showVerdicts: false, zoomsToPath: false, isSolid: false });
  [root, find(".digits"), ...Object.values(plots)].filter(Boolean).forEach((node) => view.observer.observe(node));
  for (const [name, plot] of Object.entries(plots)) {
    plot.addEventListener("pointerdown", () => { view.held = name; });
    plot.addEventListener("mousemove", (event) => { view.pointer = event; });
  }
  for (const panel of root.querySelectorAll(".panel")) wireNote(panel);
  find(".zoom").addEventListener("click", () => zoomToPath(view, !view.zoomsToPath));
  for (const button of root.querySelectorAll(".switch button")) {
    button.addEventListener("click", () => {
      bringToFront(root, button.dataset.front);
      find(`[data-panel="${button.dataset.front}"] .switch [aria-pressed="true"]`).focus(); // this one is hidden now
    });
  }
  for (const button of root.querySelectorAll(".times button")) {
    button.addEventListener("click", () => chooseTime(root, button.dataset.time));
  }
  chooseTime(root, root.dataset.time ?? "now");
  find(".solid")?.addEventListener("click", (event) => {
    view.isSolid = !view.isSolid;
    event.currentTarget.setAttribute("aria-pressed", view.isSolid);
    redraw(view, ["slice"]);
  });
  bringToFront(root, root.dataset.front in place ? root.dataset.front : "value");
  find(".verdict")?.addEventListener("click", (event) => {
    view.showVerdicts = !view.showVerdicts;
    event.currentTarget.setAttribute("aria-pressed", view.showVerdicts);
    if (view.frame) writeDigits(view);
  });
  window.dispatchEvent(new Event("gan-panels")); // see stage.js
}

function unfurnish(view) {
  view.observer.disconnect();
  view.bar?.dispose();
  view.slow?.dispose();
  Object.values(view.plots).forEach((node) => window.Plotly?.purge(node));
}

// Which of the panels that share a place is seen; the observer draws its charts as soon as they have a size.
function bringToFront(root, panel) {
  root.dataset.front = panel;
  for (const button of root.querySelectorAll(".switch button")) {
    button.setAttribute("aria-pressed", button.dataset.front === panel);
  }
}

// Whether the answers of D are those now, or those over the steps, where they share a place.
function chooseTime(root, time) {
  root.dataset.time = time;
  for (const button of root.querySelectorAll(".times button")) button.setAttribute("aria-pressed", button.dataset.time === time);
}

// A scene of a lesson names one of them, once: the viewer may choose the other one afterwards.
function showAsked(view) {
  const [scene, panel] = view.page.opens ?? [];
  if (scene === view.scene) return;
  view.scene = scene;
  if (panel in boardOf(view.kind).place) bringToFront(view.root, panel);
}

function dispose(view) {
  unfurnish(view);
  for (const end of ["pointerup", "pointercancel"]) window.removeEventListener(end, view.release);
  cancelAnimationFrame(view.ticket);
  clearTimeout(view.standTimer);
  view.stream?.close();
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
  if (frame.kind !== view.kind) furnish(view, frame.kind);
  if (frame.game !== view.frame?.game) view.zoom.clear(); // another game: its steps are not those of before
  view.frame = frame;
  compareStand(view);
  view.theme = readTheme(view.root);
  Object.assign(view.root.dataset, { frame: frame.frame, state: frame.state, step: frame.step, live: frame.live });
  writeAllWords(view);
  writeScale(view);
  view.bar.show(frame, view.stream.seek);
  view.slow.show(frame.slow ?? [], `${frame.game} at ${frame.step}`);
  const { live, step, game } = frame;
  window.dispatchEvent(new CustomEvent("gan-shown", { detail: { watch: view.watched, live, step, game } }));
  const picture = frame.live ? frame.frame : `${frame.game} at ${frame.step}`;
  const key = JSON.stringify([picture, view.theme]);
  if (key === view.drawnKey) return;
  view.drawnKey = key;
  writeDigits(view);
  redraw(view, Object.keys(view.charts));
  if (before && hasMoved(before, frame)) {
    view.dirty = new Set([...WITH_LINES.filter((name) => view.dirty.has(name)), ...view.dirty]);
  }
}

// Whether somebody has moved a setting, or its equilibrium line has followed.
const hasMoved = (before, { stand, digits }) => (
  stand !== before.stand || digits?.reference !== before.digits?.reference);

function writeAllWords({ find, frame: { words, alts, digits, diagnosis, expect, change, message, state }, charts, plots }) {
  for (const [id, word] of Object.entries(words)) writeWords(find(`[data-panel="${id}"]`), word);
  for (const [name, panel] of Object.entries(charts)) plots[name].ariaLabel = alts[panel] ?? name;
  if (digits) {
    find("[data-digits=generated]").ariaLabel = alts.digits ?? "generated digits";
    find("[data-digits=real]").ariaLabel = `${digits.real_count} real digits, to compare with`;
  }
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
  if (!digits) return;
  drawDigits(find(".digits"), digits, { generated: pixels, real }, showVerdicts);
  setText(find(".caption"), showVerdicts
    ? verdictsSaid(digits) : digits.caption);
}

// ---------------------------------------------------------------- charts

function resized(view, entries) {
  if (entries.some(({ target }) => target === view.root)) {
    // Type grows with the board: 12 px on a 1280 px screen, 14 to 15 px on a 1920 px one.
    setTypeSize(view.root, 12 + Math.max(0, Math.min(4, (view.root.clientWidth - 770) / 200)));
  }
  view.shown = roomy(view);
  if (!view.frame) return;
  view.theme = readTheme(view.root);
  writeDigits(view);
  redraw(view, Object.keys(view.charts));
}

const roomy = ({ charts, plots }) => Object.keys(charts).filter((name) => plots[name].clientWidth);

function redraw(view, names) {
  view.shown = roomy(view);
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
  const figure = figureOf(view, name);
  if (!figure || !node?.clientWidth || !node.clientHeight) return;
  const hidden = view.hidden.get(name) ?? new Set(figure.hidden);
  const traces = themedTraces({ ...figure, data: tracesOf(figure, closeupOf(view, name)) }, view.theme, hidden);
  const isNew = !view.configs[name];
  // Plotly rebuilds a chart whose config object has changed, so each keeps its own.
  const config = (view.configs[name] ??= chartConfig(name, true, () => resetChart(view, name)));
  const figures = Object.fromEntries([...view.shown, name].map((chart) => [chart, solidOf(view, view.frame.figures[chart])]));
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

// In slow motion the samples are those of a moment of the step.
const figureOf = (view, name) => solidOf(view, view.frame.moments?.[view.slow.moment()]?.[name] ?? view.frame.figures[name]);

// A figure that can be seen as a surface, if the viewer wants to.
const solidOf = (view, figure) => (view.isSolid && figure?.solid) || figure;

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
  setText(view.find('[data-panel="saddle"] .sentence'), scaleSaid(a, b) || view.frame.words.saddle.sentence);
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
  redraw(view, Object.keys(view.charts));
}

function resetChart(view, name) {
  for (const axis of Object.keys(view.frame.figures[name].layout)) view.zoom.delete(zoomKey(view, name, axis));
  view.resets[name] = (view.resets[name] ?? 0) + 1; // a new uirevision also forgets the 3-D camera
  writeScale(view);
  redraw(view, Object.keys(view.charts));
}
