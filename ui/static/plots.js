// Plots: figures built in Python (see ui/plots.py), side by side, each redrawn only when it changed.
// This file sets places and theme colours, and keeps zoom, camera, hidden traces and position of the motion.
// It computes no number that is shown.

import { decode } from "./frames.js";
import { themedLayout, themedTraces } from "./layout.js";
import { MOTION_HTML, motionBar, moversOf } from "./motion.js";
import { draw, zoomsOf } from "./numbers.js";
import {
  chartConfig, chartHtml, loadStyles, panelHtml, plotly, readTheme, setTypeSize, wireNote, writeChips, writeWords,
} from "./parts.js";

const BUDGET = 12; // ms of drawing in an animation frame while a motion plays; the next chart waits for the next frame
const A_CLICK = 5; // px: a pointer that moves farther is dragging

const styles = loadStyles("plots.css");
const views = new WeakMap(); // root element -> its state

// Streamlit calls this for every new frame and for every change of theme; follow.js, with parts of the frame to be
// taken `instead`.
export async function render(component) {
  await styles;
  const view = viewIn(component.parentElement);
  view.send = (click) => component.setStateValue("click", click);
  if (component.data) accept(view, { ...decode(component.data).header, ...component.instead });
  await plotly;
  if (!window.Plotly) throw new Error("plotly.min.js is not plotly"); // a server may answer with an HTML page
  if (view.bar.playing()) schedule(view);
  else drawDirty(view, Infinity); // all before the next paint: a paint in between would not show the first ones sooner
  // Streamlit also cleans up when a newer run replaces this one and the plots stay: check again later.
  return () => setTimeout(() => { if (!view.root.isConnected) dispose(view); });
}

// For follow.js: moves the plots in `parent` as the bar of another page has told.
export const followMotion = (parent, motion) => viewIn(parent).bar.follow(motion);

// ---------------------------------------------------------------- the skeleton

function viewIn(parent) {
  let root = parent.querySelector(":scope > .gan-plots");
  if (!root) {
    root = document.createElement("div");
    root.className = "gan-plots";
    root.innerHTML = `<div class="grid"></div>${MOTION_HTML}`;
    parent.append(root);
    views.set(root, newView(root));
  }
  return views.get(root);
}

function newView(root) {
  const view = {
    root, frame: null, theme: null, send: null, charts: new Map(), // name -> state of one chart
    dirty: new Set(), ticket: 0, restUntil: 0, // charts to draw, and the animation frame that draws the next
    pointer: null, // the last mouse event over a chart
    held: null, // the chart the viewer is dragging in: drawing it now would break the drag
    press: null, // where a click began
  };
  view.bar = motionBar(root, () => redraw(view, moving(view)),
    (detail) => window.dispatchEvent(new CustomEvent("gan-motion", { detail })));
  view.observer = new ResizeObserver(() => refit(view));
  view.observer.observe(root);
  view.release = (event) => released(view, event);
  for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, view.release);
  return view;
}

function dispose(view) {
  view.observer.disconnect();
  for (const end of ["pointerup", "pointercancel"]) window.removeEventListener(end, view.release);
  cancelAnimationFrame(view.ticket);
  view.bar.dispose();
  for (const { node } of view.charts.values()) window.Plotly?.purge(node);
  views.delete(view.root);
}

function addChart(view, name) {
  const shell = document.createElement("template");
  shell.innerHTML = panelHtml(name, chartHtml(name)).trim();
  const panel = shell.content.firstChild;
  const node = panel.querySelector(".plot");
  wireNote(panel);
  view.root.querySelector(".grid").append(panel);
  view.observer.observe(node);
  node.addEventListener("pointerdown", (event) => {
    view.held = name;
    view.press = event.target.closest?.(".nsewdrag") ? { name, event } : null;
  });
  node.addEventListener("mousemove", (event) => { view.pointer = event; });
  view.charts.set(name, {
    panel, node, config: null, version: null, drawnAt: 0, revision: null, resets: 0, zoom: new Map(), hidden: new Set(),
  });
}

function dropChart(view, name) {
  const { panel, node } = view.charts.get(name);
  view.observer.unobserve(node);
  window.Plotly?.purge(node);
  panel.remove();
  view.charts.delete(name);
  view.dirty.delete(name);
}

// ---------------------------------------------------------------- taking a frame in

function accept(view, frame) {
  const changed = frame.frame !== view.frame?.frame;
  view.frame = frame;
  view.root.dataset.frame = frame.frame;
  layOut(view);
  const theme = readTheme(view.root);
  const rethemed = JSON.stringify(theme) !== JSON.stringify(view.theme);
  view.theme = theme;
  if (changed) view.bar.show(frame.figures, frame.play);
  redraw(view, [...view.charts.keys()].filter(
    (name) => rethemed || view.charts.get(name).version !== frame.versions[name]));
}

function layOut(view) {
  const { figures, columns, height, clickable } = view.frame;
  for (const name of view.charts.keys()) if (!figures[name]) dropChart(view, name);
  const grid = view.root.querySelector(".grid");
  const before = [...view.charts.keys()].join();
  grid.style.setProperty("--columns", columns);
  grid.style.setProperty("--height", height);
  grid.style.setProperty("--rows", rowsOf(figures, columns));
  grid.classList.toggle("clickable", clickable);
  setSize(view.root);
  for (const [place, [name, { words, span = [1, 1] }]] of Object.entries(figures).entries()) {
    if (!view.charts.has(name)) addChart(view, name);
    const { panel, node } = view.charts.get(name);
    // In the order of Python. Only misplaced nodes are moved, because a move costs as much as a new node.
    if (grid.children[place] !== panel) grid.insertBefore(panel, grid.children[place] ?? null);
    panel.style.setProperty("--columns-wide", span[0]);
    panel.style.setProperty("--rows-high", span[1]);
    panel.classList.toggle("wordless", !words);
    if (words) writeWords(panel, words);
    node.ariaLabel = words?.alt || words?.title || name;
  }
  if (before !== Object.keys(figures).join()) window.dispatchEvent(new Event("gan-panels")); // see stage.js
}

function rowsOf(figures, columns) {
  const places = Object.values(figures).map(({ span = [1, 1] }) => span[0] * span[1]);
  return Math.ceil(places.reduce((sum, taken) => sum + taken, 0) / columns);
}

// Type grows with the window: 12 px on a 1280 px screen, 14 to 15 px on a 1920 px one.
function setSize(root) {
  setTypeSize(root, 12 + Math.max(0, Math.min(4, (window.innerWidth - 1280) / 250)));
}

// ---------------------------------------------------------------- charts

function refit(view) {
  if (!view.frame) return;
  setSize(view.root);
  view.theme = readTheme(view.root);
  redraw(view, view.charts.keys());
}

const moving = (view) => Object.keys(view.frame.figures).filter((name) => view.frame.figures[name].motion);

function redraw(view, names) {
  for (const name of names) view.dirty.add(name);
  if (!view.dirty.size && view.frame) view.root.dataset.drawn = view.frame.frame;
  schedule(view);
}

// Charts are drawn one after the other. While a motion plays, an animation frame draws only a few, and then a
// pause as long as the drawing follows: a weak laptop skips positions, and the sliders still react.
function schedule(view) {
  if (view.ticket || !window.Plotly || !view.frame || !nextOf(view)) return;
  view.ticket = requestAnimationFrame(() => {
    view.ticket = 0;
    if (performance.now() >= view.restUntil) drawDirty(view, view.bar.playing() ? BUDGET : Infinity);
    schedule(view);
  });
}

function drawDirty(view, budget) {
  const start = performance.now();
  for (const name of view.dirty) measure(view.charts.get(name)); // all before drawing, because a measurement after a drawing is slow
  try {
    for (let name = nextOf(view); name && performance.now() - start < budget; name = nextOf(view)) {
      view.dirty.delete(name);
      drawChart(view, name);
    }
  } finally { // a broken figure must not stop the others
    if (!view.dirty.size) view.root.dataset.drawn = view.frame.frame;
    if (view.bar.playing()) view.restUntil = Math.max(view.restUntil, 2 * performance.now() - start);
    schedule(view);
  }
}

// First charts with a new figure, because otherwise a 3-D chart waits as long as flat ones move. Of these, the
// 3-D ones first: the graphics process draws them while the others are drawn here. Then the chart that has
// waited longest.
function nextOf({ dirty, held, frame, charts }) {
  const free = [...dirty].filter((name) => name !== held);
  const old = free.filter((name) => charts.get(name).version !== frame.versions[name]);
  return old.find((name) => frame.figures[name].layout.scene) ?? old[0]
    ?? free.sort((a, b) => charts.get(a).drawnAt - charts.get(b).drawnAt)[0];
}

function measure(chart) {
  chart.size = { width: chart.node.clientWidth, height: chart.node.clientHeight };
}

function drawChart(view, name) {
  const chart = view.charts.get(name);
  const { node, zoom, hidden, size } = chart;
  const figure = view.frame.figures[name];
  if (!size.width || !size.height) return;
  const revision = figure.layout.uirevision ?? "keep";
  if (chart.revision !== revision) zoom.clear(); // Python has sent another picture: the zoom is reset
  Object.assign(chart, { revision, version: view.frame.versions[name] });
  chart.drawnAt = performance.now();
  node.dataset.drawn = chart.version; // set before drawing; observers are called after it
  const isNew = !chart.config;
  chart.config ??= chartConfig(name, Boolean(figure.layout.scene), () => resetChart(view, name));
  const layout = themedLayout({ figure }, "figure", { // no part of a stack of charts
    theme: view.theme, ...size,
    zoomOf: (axis) => zoom.get(axis), uirevision: `${revision} ${chart.resets}`,
  });
  draw(node, tracesOf(view, figure, hidden), layout, chart.config);
  const toggle = (trace) => {
    if (!hidden.delete(trace)) hidden.add(trace);
    redraw(view, [name]);
  };
  writeChips(chart.panel.querySelector(".chips"), figure, { hidden, theme: view.theme, toggle });
  if (node.matches(":hover") && view.pointer?.target.isConnected && !figure.layout.scene) {
    window.Plotly.Fx.hover(node, view.pointer); // drawing has removed the label under the pointer
  }
  if (!isNew) return;
  node.on("plotly_relayout", (change) => {
    for (const [axis, range] of zoomsOf(node, change)) zoom.set(axis, range); // Plotly loses it when a range is moved
  });
  node.on("plotly_doubleclick", () => { if (!view.frame.clickable) resetChart(view, name); });
}

// The traces as drawn now: with the type size of the page, without traces the viewer has hidden, and with
// movers at their present position.
function tracesOf(view, figure, hidden) {
  const traces = themedTraces(figure, view.theme, hidden);
  for (const mover of moversOf(figure)) {
    traces[mover.trace] = { ...traces[mover.trace], ...mover.at(view.bar.position()) };
  }
  return traces;
}

function resetChart(view, name) {
  const chart = view.charts.get(name);
  chart.zoom.clear();
  chart.resets += 1; // a new uirevision also resets the 3-D camera
  redraw(view, [name]);
}

// Plotly reports only clicks on a point of a trace, but a start can be anywhere.
function released(view, event) {
  const { press } = view;
  view.press = null;
  setTimeout(() => { view.held = null; schedule(view); });
  if (!press || event.type !== "pointerup" || !view.frame.clickable) return;
  if (Math.hypot(event.clientX - press.event.clientX, event.clientY - press.event.clientY) > A_CLICK) return;
  const { node } = view.charts.get(press.name);
  const box = node.getBoundingClientRect();
  const { xaxis, yaxis } = node._fullLayout;
  const x = Number(xaxis.p2d(event.clientX - box.left - xaxis._offset));
  const y = Number(yaxis.p2d(event.clientY - box.top - yaxis._offset));
  if (Number.isFinite(x) && Number.isFinite(y)) view.send({ chart: press.name, x, y, serial: Date.now() });
}
