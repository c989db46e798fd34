// The page of a follower: what the teacher shows, on the board or the plots of the teacher's own page, read only.
// While it follows, the teacher's panels, pointer and earlier step come along; on its own it stays as it is.

import { controlsOf, render as renderBoard } from "./board.js";
import { addressOf, inflated, openLine } from "./line.js";
import { loadStyles, setText } from "./parts.js";
import { followMotion, render as renderPlots } from "./plots.js";
import { QUESTION_HTML, saidToFollower, writeQuestion } from "./question.js";
import { applyStage, showPointer } from "./stage.js";

const AGAIN = 1000; // ms after which a wish for an earlier step that was not answered is sent again
const HTML = `
  <div class="bar">
    <strong class="mode" role="status"></strong>
    <button class="back" type="button">Back to the teacher</button>
    <button class="freeze" type="button">Freeze</button>
    <button class="all" type="button">All panels</button>
    <button class="copy" type="button" title="A run of your own, at the step you see here">Take a copy</button>
  </div>
  ${QUESTION_HTML}
  <p class="cut" role="alert"></p>
  <p class="empty"></p>
  <div class="place"></div>
  <style class="hidden-panels"></style>`;

const OVER = [4404, 4410]; // the codes of ui/class_socket.py
const REASONS = {
  4401: "This page needs its cookie to follow. Allow cookies for this page, then reload it.",
  4413: "The class is full. Ask the teacher.",
  4429: "This browser has the class open in too many tabs. Close some of them, then reload this page.",
};
const CUT = "Connection lost. What you see is the last picture; trying again …";
const PLAIN = { present: false, panels: [], solo: null, black: false };

const styles = loadStyles("follow.css");
const views = new WeakMap(); // root element -> view

// Streamlit calls this whenever the page is run, and at every change of theme.
export async function render(component) {
  await styles;
  let root = component.parentElement.querySelector(":scope > .gan-follow");
  if (!root) {
    root = component.parentElement.appendChild(document.createElement("div"));
    root.className = "gan-follow";
    root.innerHTML = HTML;
    views.set(root, newView(root));
    document.documentElement.classList.add("gan-following");
  }
  const view = views.get(root);
  view.tell = (what, value) => component.setTriggerValue(what, value);
  if (view.code !== component.data.code) join(view, component.data.code);
  await view.redraw(); // the theme may be another one
  return () => setTimeout(() => { if (!root.isConnected) dispose(view); });
}

function newView(root) {
  const find = (selector) => root.querySelector(selector);
  const view = {
    root, find, code: "", tell: () => {}, line: null, stopping: new AbortController(),
    room: { place: { watch: "", page: "", charts: null }, stage: null, pointer: null, seek: null, motion: null,
            hidden: [], question: null },
    own: "", // why it does not follow: "frozen", "rewound", "moved", "all panels"; "" while it follows
    charts: null, // of a theory page, as received
    watch: "", shown: null, askedAt: 0, // the run on the board, what the board shows of it, and when it was asked for
    clean: () => {}, redraw: async () => {},
  };
  const on = (target, kind, act) => target.addEventListener(kind, act, { signal: view.stopping.signal });
  on(find(".back"), "click", () => goBack(view));
  on(find(".freeze"), "click", () => {
    leave(view, "frozen");
    if (view.watch) controlsOf(find(".place")).freeze(true);
  });
  on(find(".all"), "click", () => { leave(view, "all panels"); stageIt(view, PLAIN); });
  on(find(".copy"), "click", () => view.shown && view.tell("copy", { ...view.shown, pressed: Date.now() }));
  const elsewhere = ({ target }) => {
    if (target.closest(".rewind")) leave(view, "rewound");
    if (target.closest(".motion")) leave(view, "moved");
  };
  on(find(".place"), "input", elsewhere);
  on(find(".place"), "click", (event) => { if (event.target.closest("button")) elsewhere(event); });
  on(window, "gan-shown", ({ detail }) => {
    if (detail.watch !== view.watch) return;
    view.shown = detail;
    if (!view.own) comeAlong(view);
    write(view);
  });
  on(window, "gan-panels", () => { if (!view.own) comeAlong(view); });
  return view;
}

function dispose(view) {
  view.line?.close();
  view.stopping.abort();
  view.clean();
  document.documentElement.classList.remove("gan-asks", "gan-following");
  views.delete(view.root);
}

// ---------------------------------------------------------------- the connection

function join(view, code) {
  view.line?.close();
  view.code = code;
  const cut = (sentence) => setText(view.find(".cut"), sentence);
  view.line = openLine({
    url: () => addressOf(`class/${code}?follow=1`),
    take: async (data, isCurrent) => {
      if (typeof data !== "string") {
        const charts = await inflated(data);
        if (isCurrent()) view.charts = charts;
        return;
      }
      const { turn, beat, ...news } = JSON.parse(data);
      if (beat) return;
      cut("");
      Object.assign(view.room, news);
      await take(view, news);
      view.line.send({ ack: turn });
    },
    closed: (closing) => {
      if (OVER.includes(closing)) {
        clear(view);
        view.tell("ended", Date.now());
        return false;
      }
      cut(REASONS[closing] ?? CUT);
      return !(closing in REASONS);
    },
  });
}

async function take(view, { place, motion }) {
  if (place) await showPlace(view, place);
  if (!view.own) comeAlong(view);
  if (!view.own && motion) moveAlong(view);
  write(view);
}

async function showPlace(view, { watch, page, charts }) {
  if (watch) {
    if (view.watch !== watch) clear(view);
    view.watch = watch;
    const data = { watch, ticket: "", stand: null };
    view.redraw = async () => { view.clean = await renderBoard(within(view, data)); };
  } else {
    if (view.watch) clear(view);
    const instead = { clickable: false };
    view.redraw = async () => {
      if (view.charts && charts !== null) view.clean = await renderPlots({ ...within(view, view.charts), instead });
    };
    if (charts === null) clear(view);
  }
  setText(view.find(".empty"), watch || charts !== null ? "" : emptySaid(page));
  if (view.own !== "frozen") await view.redraw();
}

const within = (view, data) => (
  { parentElement: view.find(".place"), data, setTriggerValue: () => {}, setStateValue: () => {} });

const emptySaid = (page) => (page ? "The teacher opens another page …" : "The teacher shows nothing yet.");

// Another place begins as the teacher shows it, and so does what comes after nothing.
function clear(view) {
  view.find(".place").replaceChildren();
  view.clean();
  Object.assign(view, { own: "", watch: "", shown: null, clean: () => {}, redraw: async () => {} });
}

// ---------------------------------------------------------------- along with the teacher, or not

const rootOf = (view) => view.find(".gan-board, .gan-plots");

function comeAlong(view) {
  const root = rootOf(view);
  if (!root) return;
  stageIt(view, view.room.stage ?? PLAIN);
  showPointer(root, view.room.pointer);
  const { shown, room: { seek } } = view;
  if (!shown) return;
  const there = seek && seek.game === shown.game ? !shown.live && shown.step === seek.step : shown.live;
  if (there || performance.now() - view.askedAt < AGAIN && view.askedFor === seek) return;
  Object.assign(view, { askedAt: performance.now(), askedFor: seek });
  controlsOf(view.find(".place")).seek(seek);
}

function moveAlong(view) {
  if (view.room.motion && view.find(".gan-plots")) followMotion(view.find(".place"), view.room.motion);
}

// Panels only: that the teacher's own screen is black or large is for the projector.
function stageIt(view, { panels, solo, present }) {
  const root = rootOf(view);
  const limited = present || solo ? { ...PLAIN, solo, panels, present } : PLAIN;
  if (root) applyStage(root, limited);
  view.limited = Boolean(present || solo);
}

function leave(view, why) {
  if (view.watch && view.own === "frozen" && why !== "frozen") controlsOf(view.find(".place")).freeze(false);
  view.own = why;
  const root = rootOf(view);
  if (root) showPointer(root, null);
  write(view);
}

function goBack(view) {
  if (view.watch) controlsOf(view.find(".place")).freeze(false);
  else if (view.own === "frozen") view.redraw();
  Object.assign(view, { own: "", askedAt: 0, askedFor: undefined });
  comeAlong(view);
  moveAlong(view);
  write(view);
}

// A rule, as in ui/lesson_bar.py: it holds for the panels of every frame to come.
function hiding(panel) {
  const box = `.gan-follow [data-panel="${CSS.escape(panel)}"]`;
  return `${box} { position: relative; } ${box} > * { visibility: hidden; }
    ${box}::after { content: "Hidden until the answer is shown"; position: absolute; inset: 45% 0 auto; text-align: center; font-size: 1.3em; }`;
}

function write(view) {
  const { find, own, watch, shown, room } = view;
  const words = {
    "": "Following the teacher", frozen: "On my own: the picture stands still", rewound: "On my own: another step",
    moved: "On my own: another position", "all panels": "On my own: all panels",
  };
  setText(find(".mode"), words[own] + (shown ? ` · step ${shown.step.toLocaleString("en-US")}` : ""));
  view.root.classList.toggle("on-own", Boolean(own));
  find(".back").hidden = !own;
  find(".freeze").hidden = !rootOf(view) || own === "frozen";
  find(".all").hidden = !view.limited;
  find(".copy").hidden = !watch;
  find(".copy").disabled = !shown;
  setText(find(".hidden-panels"), room.hidden.map(hiding).join("\n"));
  const { question } = room;
  writeQuestion(find(".question"), question, (choice) => view.line.send({ vote: choice }));
  if (question) setText(find(".said"), saidToFollower(question));
}
