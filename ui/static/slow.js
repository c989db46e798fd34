// Slow motion: the parts of one training step, one after the other. Python says what each part is; see ui/slow.py.

import { setText } from "./parts.js";

const PACE = 3500; // ms for each part
export const SLOW_HTML = `
  <div class="slow" role="group" aria-label="Slow motion" hidden>
    <button class="before" type="button" aria-label="Part before">‹</button>
    <button class="run" type="button">Pause</button>
    <button class="after" type="button" aria-label="Next part">›</button>
    <span class="part" role="status"><strong></strong> <span></span></span>
    <code></code>
    <button class="close" type="button" aria-label="Close slow motion">✕</button>
  </div>`;

// Returns { show(parts, key), moment(), dispose() }; `moved` is called at every new part. `key`: another one begins anew.
export function slowMotion(root, moved) {
  const bar = root.querySelector(".slow");
  const state = { parts: [], key: "", at: 0, timer: 0, closed: "" };
  const isOpen = () => state.parts.length > 0 && state.closed !== state.key;

  function write() {
    bar.hidden = !isOpen();
    if (bar.hidden) return;
    const { title, sentence, code } = state.parts[state.at];
    setText(bar.querySelector("strong"), `${state.at + 1} of ${state.parts.length}: ${title}.`);
    setText(bar.querySelector(".part span"), sentence);
    setText(bar.querySelector("code"), code);
    setText(bar.querySelector(".run"), state.timer ? "Pause" : "Run");
    root.dataset.part = String(state.at);
  }

  function stop() {
    clearInterval(state.timer);
    state.timer = 0;
  }

  function go(to) {
    state.at = Math.max(0, Math.min(to, state.parts.length - 1));
    if (state.at === state.parts.length - 1) stop();
    write();
    moved();
  }

  function run() {
    stop();
    if (state.at === state.parts.length - 1) state.at = 0;
    state.timer = setInterval(() => go(state.at + 1), PACE);
    go(state.at);
  }

  const act = { before: () => { stop(); go(state.at - 1); }, after: () => { stop(); go(state.at + 1); },
                run: () => { if (state.timer) { stop(); write(); } else run(); },
                close: () => { stop(); state.closed = state.key; write(); moved(); } };
  for (const [name, does] of Object.entries(act)) bar.querySelector(`.${name}`).addEventListener("click", does);
  return {
    show(parts, key) {
      if (key === state.key && parts.length === state.parts.length) return;
      Object.assign(state, { parts, key });
      stop();
      state.at = 0;
      if (isOpen()) run();
      else write();
    },
    // The moment of the step whose picture belongs to the part on show; undefined where there is none.
    moment: () => (isOpen() ? state.parts[state.at].moment : undefined),
    dispose: stop,
  };
}
