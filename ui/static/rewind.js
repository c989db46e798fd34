// The bar under the board: asks Python for an earlier step, or for live. The board keeps showing
// what Python sends; this file only remembers what was asked for and not yet answered.

const GAP = 125; // ms between two wishes while dragging: 8 a second is all a server should get
const PATIENCE = 3000; // ms until a wish that was not answered is given up

export const REWIND_HTML = `
  <div class="rewind">
    <span aria-hidden="true">Rewind</span>
    <input type="range" min="0" step="1" aria-label="Rewind to an earlier step">
    <span class="where"></span>
    <button class="live" type="button">Live</button>
  </div>`;

const withCommas = (step) => step.toLocaleString("en-US");

// Returns { show(frame, send), dispose() }; `send({step, game})`, or `send(null)` for live, tells Python.
export function rewindBar(root) {
  const [slider, where, live] = ["input", ".where", ".live"].map((name) => root.querySelector(`.rewind ${name}`));
  const wish = { step: null, pending: false, sent: null, sentAt: 0, timer: 0 };
  let [frame, send, keyframes, scrubbing] = [null, () => {}, [], false];

  // The latest wish wins; one that comes too soon after another waits for its turn.
  function ask(step) {
    Object.assign(wish, { step, pending: true });
    clearTimeout(wish.timer);
    wish.timer = setTimeout(() => {
      Object.assign(wish, { sent: step, sentAt: performance.now() });
      send(step === null ? null : { step, game: frame.game }); // a step of another game is nobody's wish
    }, Math.max(0, wish.sentAt + GAP - performance.now()));
    write();
  }

  function settle() {
    const answered = wish.step === null ? frame.live : !frame.live && frame.step === wish.step;
    const late = wish.sent === wish.step && performance.now() - wish.sentAt > PATIENCE;
    if (answered || late) wish.pending = false;
  }

  function write() {
    const rewound = wish.pending ? wish.step !== null : !frame.live;
    const step = wish.pending && rewound ? wish.step : frame.step;
    if (!scrubbing) { // under the viewer's finger the scale must not change
      keyframes = frame.keyframes;
      slider.max = keyframes.length; // the last position is live
      slider.disabled = !keyframes.length;
      slider.value = rewound ? nearest(keyframes, step) : keyframes.length;
    }
    slider.style.setProperty("--at", `${(100 * slider.value) / Math.max(1, slider.max)}%`);
    const training = frame.state === "playing" ? "training goes on" : `training is ${frame.state}`;
    const on = frame.device === "cpu" ? "" : " on the GPU";
    const speed = frame.state === "playing" ? `${Math.round(frame.steps_per_second)} steps/s${on}` : frame.state;
    const goal = frame.until !== null && frame.state === "playing" ? `playing to step ${withCommas(frame.until)}` : null;
    where.textContent = rewound ? `rewound to step ${withCommas(step)}; ${training}`
      : `step ${withCommas(step)} · ${goal ?? speed}`;
    slider.setAttribute("aria-valuetext", rewound ? `step ${withCommas(step)}` : "live");
    live.disabled = !rewound;
    root.classList.toggle("rewound", rewound);
  }

  slider.addEventListener("pointerdown", () => { scrubbing = true; });
  for (const end of ["pointerup", "pointercancel", "blur"]) slider.addEventListener(end, () => { scrubbing = false; });
  slider.addEventListener("input", () => ask(keyframes[Number(slider.value)] ?? null));
  live.addEventListener("click", () => ask(null));

  return {
    show(newFrame, newSend) {
      [frame, send] = [newFrame, newSend];
      root.dataset.game = frame.game;
      settle();
      write();
    },
    dispose: () => clearTimeout(wish.timer),
  };
}

function nearest(keyframes, step) {
  const distance = keyframes.map((at) => Math.abs(at - step));
  return distance.indexOf(Math.min(...distance));
}
