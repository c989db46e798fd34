import assert from "node:assert/strict";
import { test } from "node:test";

import { rewindBar } from "../../ui/static/rewind.js";
import { Clock, rootOf } from "./page.mjs";

const LIVE = { live: true, state: "paused", step: 1234, last_step: 1234, game: 7, keyframes: [0, 100, 500], steps_per_second: 0, device: "cpu", until: null };

function barOf(context, frame = LIVE) {
  const clock = new Clock(context);
  const root = rootOf(".rewind input", ".rewind .where", ".rewind .live");
  const [slider, where, live] = [".rewind input", ".rewind .where", ".rewind .live"].map((name) => root.parts[name]);
  const sent = [];
  const bar = rewindBar(root);
  const show = (more = {}) => bar.show({ ...frame, ...more }, (wish) => sent.push(wish));
  const wait = (ms) => clock.wait(ms);
  const drag = (to) => { slider.value = String(to); slider.fire("input"); };
  show();
  return { bar, show, wait, drag, root, slider, where, live, sent };
}

test("live stands at the right end and says the step and the state", (context) => {
  const { slider, where, live, root, show } = barOf(context);
  assert.deepEqual([slider.max, slider.value, slider.disabled, live.disabled], [3, 3, false, true]);
  assert.equal(where.textContent, "step 1,234 · paused");
  assert.equal(slider.attributes["aria-valuetext"], "live");
  assert.equal(root.classes.has("rewound"), false);
  show({ state: "playing", steps_per_second: 61.4 });
  assert.equal(where.textContent, "step 1,234 · 61 steps/s");
});

test("it says to which step the run plays, until it stands still", (context) => {
  const { where, show } = barOf(context);
  show({ state: "playing", steps_per_second: 61.4, until: 5000 });
  assert.equal(where.textContent, "step 1,234 · playing to step 5,000");
  show({ state: "queued", until: 5000 });
  assert.equal(where.textContent, "step 1,234 · queued");
});

test("a game without keyframes cannot be rewound", (context) => {
  assert.equal(barOf(context, { ...LIVE, keyframes: [] }).slider.disabled, true);
});

test("a drag asks for that keyframe of this game, and is shown before the answer comes", (context) => {
  const { drag, wait, sent, where, live, root, show } = barOf(context);
  drag(1);
  assert.equal(where.textContent, "rewound to step 100; training is paused");
  assert.equal(live.disabled, false);
  wait(0);
  assert.deepEqual(sent, [{ step: 100, game: 7 }]);
  show({ live: false, step: 100, state: "playing" });
  assert.equal(where.textContent, "rewound to step 100; training goes on");
  assert.equal(root.classes.has("rewound"), true);
});

test("while dragging the newest wish wins, and no two come sooner than 125 ms after one another", (context) => {
  const { drag, wait, sent } = barOf(context);
  drag(2);
  wait(0);
  drag(1);
  wait(50);
  drag(0);
  wait(74);
  assert.deepEqual(sent, [{ step: 500, game: 7 }]);
  wait(1);
  assert.deepEqual(sent, [{ step: 500, game: 7 }, { step: 0, game: 7 }]);
});

test("the right end and the button mean live", (context) => {
  const { drag, wait, live, sent, show } = barOf(context);
  show({ live: false, step: 100 });
  drag(3);
  wait(0);
  live.fire("click");
  wait(200);
  assert.deepEqual(sent, [null, null]);
});

test("a frame of before the wish does not move the slider back, and a late answer gives the wish up", (context) => {
  const { drag, wait, show, slider } = barOf(context);
  drag(0);
  wait(0);
  show();
  assert.equal(slider.value, 0);
  wait(3001);
  show();
  assert.equal(slider.value, 3);
});

test("a wish for live that is not answered within three seconds is given up, too", (context) => {
  const { live, wait, show, slider } = barOf(context);
  show({ live: false, step: 100 });
  live.fire("click");
  wait(0);
  show({ live: false, step: 100 });
  assert.equal(slider.value, 3);
  wait(3001);
  show({ live: false, step: 100 });
  assert.equal(slider.value, 1);
});

test("under the finger the scale does not change", (context) => {
  const { show, slider } = barOf(context);
  slider.fire("pointerdown");
  show({ keyframes: [0, 100, 500, 900] });
  assert.equal(slider.max, 3);
  slider.fire("pointerup");
  show({ keyframes: [0, 100, 500, 900] });
  assert.equal(slider.max, 4);
});

test("a step between two keyframes stands at the nearer one", (context) => {
  const { show, slider } = barOf(context);
  show({ live: false, step: 350 });
  assert.equal(slider.value, 2);
  show({ live: false, step: 250 });
  assert.equal(slider.value, 1);
});

test("the board says which game it shows", (context) => {
  assert.equal(barOf(context).root.dataset.game, 7);
});
