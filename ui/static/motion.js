// @ts-check
// The bar that plays the motion of plots. Python sends all positions at once, so that playing needs nothing
// from the server. All moving figures share one position.

import { numbersOf } from "./numbers.js";

const STEPS = { name: "step", tick: 1 };
const SLOWER = 4; // slow motion shows the parts of a step one by one, each this many times as long

export const MOTION_HTML = `
  <div class="motion" hidden>
    <button class="play" type="button">Play</button>
    <button class="step" type="button">Step</button>
    <button class="slow" type="button" aria-pressed="false">Slow motion</button>
    <input type="range" min="0" step="1" aria-label="Position on the path">
    <span class="where"></span>
  </div>`;

const decoded = new WeakMap(); // figure -> its movers

// The positions on one axis, from the result of numbersOf: one point for each position, or a row of points.
const rowsOf = (numbers) => ({
  count: numbers.length, at: (row) => (ArrayBuffer.isView(numbers) ? [numbers[row]] : Array.from(numbers[row])),
});

// The movers of a figure: one trace each, with its x, y (z) at every position.
export function moversOf(figure) {
  if (!figure.motion) return [];
  if (!decoded.has(figure)) {
    const movers = [figure.motion].flat().map((motion) => {
      const rows = ["x", "y", "z"].filter((axis) => motion[axis]).map((axis) => ({ axis, ...rowsOf(numbersOf(motion[axis])) }));
      return { trace: motion.trace, count: rows[0].count, motion, at: (position) => Object.fromEntries(
        rows.map(({ axis, count, at }) => [axis, at(Math.min(position, count - 1))])) };
    });
    decoded.set(figure, movers);
  }
  return decoded.get(figure);
}

// Returns { position(), playing(), show(figures, play), follow(motion), dispose() }. `moved` is called at every new
// position, `told({ at, playing, slow })` whenever the bar is written.
/** @param {(bar: { at: number, playing: boolean, slow: boolean }) => void} [told] */
export function motionBar(root, moved, told = () => {}) {
  const find = (name) => root.querySelector(`.motion ${name}`);
  const [bar, play, step, slow, slider, where] =
    [root.querySelector(".motion"), ...[".play", ".step", ".slow", "input", ".where"].map(find)];
  const state = { at: Infinity, last: 0, parts: 1, speed: 10, names: [], clock: STEPS, ticket: 0, since: 0, slow: false, asked: null };
  const position = () => Math.min(state.at, state.last);
  const stride = () => (state.slow ? 1 : state.parts); // positions for each tick
  const pause = () => 1000 / state.speed * (state.slow ? SLOWER / state.parts : 1); // ms for each tick

  function write() {
    const now = position();
    slider.max = state.last;
    slider.value = now;
    slider.style.setProperty("--at", `${(100 * now) / Math.max(1, state.last)}%`);
    play.textContent = state.ticket ? "Pause" : "Play";
    slow.setAttribute("aria-pressed", state.slow);
    const name = now ? state.names[(now - 1) % state.parts] : "";
    const { name: unit, tick } = state.clock;
    const shown = (at) => (Math.ceil(at / state.parts) * tick).toFixed(tick < 1 ? 1 : 0);
    const text = `${unit} ${shown(now)} of ${shown(state.last)}`
      + (state.slow && name ? ` · ${name}` : "");
    where.textContent = text;
    slider.setAttribute("aria-valuetext", text);
    Object.assign(root.dataset, { position: now, motion: state.ticket ? "playing" : "still" });
    told({ at: now, playing: state.ticket !== 0, slow: state.slow });
  }

  function go(to) {
    state.at = to >= state.last ? Infinity : to; // Infinity: at the end, also of the next path
    moved();
    if (to >= state.last) stop();
    else write();
  }

  function advance(ticks) { // without slow motion, always to the end of a step
    const size = stride();
    go((Math.floor(position() / size) + ticks) * size);
  }

  function tick(time) {
    state.ticket = requestAnimationFrame(tick);
    const ticks = Math.floor((time - state.since) / pause());
    if (ticks < 1) return;
    state.since += ticks * pause();
    advance(ticks);
  }

  function start() {
    if (state.ticket) return;
    if (position() >= state.last) go(0);
    state.since = performance.now();
    state.ticket = requestAnimationFrame(tick);
    write();
  }

  function stop() {
    cancelAnimationFrame(state.ticket);
    state.ticket = 0;
    write();
  }

  play.addEventListener("click", () => (state.ticket ? stop() : start()));
  step.addEventListener("click", () => {
    stop();
    if (position() >= state.last) go(0);
    advance(1);
  });
  slow.addEventListener("click", () => {
    state.slow = !state.slow;
    state.since = performance.now();
    if (state.slow && !state.ticket && position() >= state.last) start();
    write();
  });
  slider.addEventListener("input", () => {
    const chosen = Number(slider.value); // before stop(), which writes the present position
    stop();
    go(chosen);
  });

  const still = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

  return {
    position,
    // Does what another bar has told: see follow.js.
    follow({ at, playing, slow: slowly }) {
      stop();
      state.slow = slowly;
      go(at);
      if (playing && !still()) start();
    },
    playing: () => state.ticket !== 0,
    // Playing starts from the beginning if `asked` is a new number other than 0.
    show(figures, asked) {
      const movers = Object.values(figures).flatMap(moversOf);
      bar.hidden = !movers.length;
      if (!movers.length) return stop();
      const { parts = 1, speed = 10, moves = [], clock = STEPS } = movers[0].motion;
      Object.assign(state, { parts, speed, clock, names: moves, last: Math.max(...movers.map(({ count }) => count)) - 1 });
      const fresh = asked && asked !== state.asked;
      state.asked = asked;
      if (fresh && !still()) {
        stop();
        state.at = 0;
        start();
      }
      write();
      return undefined;
    },
    dispose: () => cancelAnimationFrame(state.ticket),
  };
}
