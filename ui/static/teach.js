// The teacher's side of a class: tells the followers what this page shows, and shows the teacher who follows and what
// they answer. Two parts draw from one connection: the card in the popover Share, and the question over the page.

import { addressOf, openLine } from "./line.js";
import { loadStyles, setText } from "./parts.js";
import { QUESTION_HTML, writeQuestion } from "./question.js";
import { stageOf } from "./stage.js";

const CARD_HTML = `
  <button class="code" type="button"></button>
  <p class="link"></p>
  <p class="count" role="status"></p>
  <dialog aria-label="The link of the class"><button class="code" type="button" aria-label="Close"></button><p class="link"></p></dialog>`;
const STRIP_HTML = `${QUESTION_HTML}
  <div class="acts" hidden>
    <button class="fold" type="button"></button>
    <button class="answer" type="button">Show the answer</button>
    <button class="remove" type="button">Remove the question</button>
  </div>`;

const OVER = [4403, 4404, 4410]; // the class has ended: see ui/class_socket.py

const styles = loadStyles("follow.css");
const halls = new Map(); // code of a class -> its connection, and the parts that draw from it
const views = new WeakMap(); // root element -> view

// Streamlit calls this whenever the page is run.
export async function render(component) {
  await styles;
  const { data } = component;
  let root = component.parentElement.querySelector(":scope > .gan-class");
  if (!root) {
    root = component.parentElement.appendChild(document.createElement("div"));
    root.className = `gan-class ${data.part}`;
    root.innerHTML = data.part === "card" ? CARD_HTML : STRIP_HTML;
    views.set(root, newView(root, data));
  }
  const view = views.get(root);
  Object.assign(view, { data, tell: (what) => component.setTriggerValue(what, Date.now()) });
  enter(view);
  return () => setTimeout(() => { if (!root.isConnected) leave(view); });
}

function newView(root, { part }) {
  const view = { root, part, data: null, hall: null, drawn: 0, stop: () => {} };
  if (part === "card") {
    const [small, large] = root.querySelectorAll(".code");
    small.onclick = () => root.querySelector("dialog").showModal();
    large.onclick = () => root.querySelector("dialog").close();
  } else {
    root.querySelector(".fold").onclick = () => { root.classList.toggle("folded"); draw(view); };
    root.querySelector(".answer").onclick = () => view.hall?.line.send({ do: "show_answer" });
    root.querySelector(".remove").onclick = () => view.hall?.line.send({ do: "close_question" });
  }
  return view;
}

function enter(view) {
  const { code } = view.data;
  if (view.hall?.code !== code) {
    leave(view);
    if (!halls.has(code)) halls.set(code, newHall(code));
    view.hall = halls.get(code);
    view.hall.views.add(view);
    if (view.part === "strip") view.stop = tellClass(view);
  }
  draw(view);
}

function leave(view) {
  view.stop();
  view.stop = () => {};
  const { hall } = view;
  view.hall = null;
  if (!hall) return;
  hall.views.delete(view);
  if (view.part === "strip") document.documentElement.classList.remove("gan-asks");
  if (hall.views.size) return;
  hall.line.close();
  halls.delete(hall.code);
}

function newHall(code) {
  const hall = { code, state: { followers: 0, question: null }, views: new Set(), over: false };
  hall.line = openLine({
    url: () => addressOf(`class/${code}`),
    take: (data) => {
      const { turn, beat, ...news } = JSON.parse(data);
      if (beat) return;
      Object.assign(hall.state, news);
      for (const view of hall.views) draw(view);
      if (turn === 1) for (const view of hall.views) view.greet?.(); // a new connection knows nothing of this page
      hall.line.send({ ack: turn });
    },
    closed: (closing) => {
      if (!OVER.includes(closing)) return true;
      for (const view of hall.views) if (view.part === "strip") view.tell("ended");
      return false;
    },
  });
  return hall;
}

// What this page shows, as its own scripts say it on the window. Returns a function that stops.
function tellClass(view) {
  const stopping = new AbortController();
  let [seek, motion] = ["null", ""];
  let [wasPlaying, last, cleared] = [false, 0, 0];
  // The bars of a question make way once, when the game or the points begin to move.
  const makeWay = () => {
    const question = view.hall?.state.question;
    if (!question || question.open || question.serial === cleared) return;
    cleared = question.serial;
    view.root.classList.add("folded");
    draw(view);
  };
  const noteMove = (playing, step) => {
    if (!wasPlaying && (playing || step > last)) makeWay();
    [wasPlaying, last] = [playing, step];
  };
  const say = (what, value) => { if (!document.hidden) view.hall?.line.send({ [what]: value }); };
  const on = (target, kind, act) => target.addEventListener(kind, act, { signal: stopping.signal });
  on(window, "gan-stage", ({ detail }) => say("stage", detail));
  on(window, "gan-pointer", ({ detail }) => say("pointer", detail));
  on(window, "gan-shown", ({ detail: { live, step, game } }) => {
    noteMove(document.querySelector(".gan-board")?.dataset.state === "playing", step);
    const now = live ? null : { step, game };
    if (JSON.stringify(now) === seek) return;
    seek = JSON.stringify(now);
    say("seek", now);
  });
  on(window, "gan-motion", ({ detail }) => {
    const { at, playing, slow } = detail; // while it plays, every page counts by itself
    noteMove(playing, 0);
    const now = JSON.stringify(playing ? [playing, slow] : [at, slow]);
    if (now !== motion) say("motion", detail);
    motion = now;
  });
  on(document, "visibilitychange", () => {
    if (document.hidden) return;
    view.greet();
    view.tell("back"); // another tab of the teacher may have been shown meanwhile
  });
  view.greet = () => {
    say("stage", stageOf());
    if (document.querySelector(".gan-board")) say("seek", JSON.parse(seek));
  };
  return () => stopping.abort();
}

// ---------------------------------------------------------------- on the screen

function draw(view) {
  const { root, part, data, hall: { state: { followers, question } } } = view;
  const find = (name) => root.querySelector(name);
  if (part === "card") {
    if (root.dataset.link !== data.link) {
      root.dataset.link = data.link;
      for (const box of root.querySelectorAll(".code")) box.innerHTML = data.qr; // of our own making: ui/sharing.py
      find(".code").ariaLabel = `QR code of ${data.link}. Show it large`;
      for (const line of root.querySelectorAll(".link")) setText(line, data.link);
    }
    setText(find(".count"), followers === 1 ? "1 follows now" : `${followers} follow now`);
    return;
  }
  writeQuestion(find(".question"), question, null);
  find(".acts").hidden = !question;
  root.classList.toggle("asks", Boolean(question));
  if (!question) return;
  if (view.drawn !== question.serial) root.classList.remove("folded");
  view.drawn = question.serial;
  find(".answer").hidden = !question.open;
  setText(find(".fold"), root.classList.contains("folded") ? "Unfold" : "Fold");
  setText(find(".said"), question.open ? `${question.answered} of ${followers} have answered` : `${question.answered} ${question.answered === 1 ? "answer" : "answers"}`);
}
