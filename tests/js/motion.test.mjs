import assert from "node:assert/strict";
import { test } from "node:test";

import { motionBar, moversOf } from "../../ui/static/motion.js";
import { Clock, globals, rootOf } from "./page.mjs";

const NAMES = [".play", ".step", ".slow", "input", ".where"];

// A path of three steps of two parts each, 10 steps a second.
const figure = (more = {}) => ({ motion: { trace: 1, x: [0, 1, 2, 3, 4, 5, 6], parts: 2, moves: ["x moves", "y moves"], ...more } });

function barOf(context, figures = { field: figure() }, asked = 0) {
  const clock = new Clock(context);
  globals(context, { window: { matchMedia: () => ({ matches: false }) } });
  const root = rootOf(".motion", ...NAMES.map((name) => `.motion ${name}`));
  const seen = [];
  const bar = motionBar(root, () => seen.push(bar.position()));
  bar.show(figures, asked);
  const [play, step, slow, slider, where] = NAMES.map((name) => root.parts[`.motion ${name}`]);
  return { bar, root, clock, seen, play, step, slow, slider, where };
}

test("a mover is where its numbers say, and stays at its last place", () => {
  const [mover] = moversOf(figure({ x: [[0, 1], [2, 3]], y: [[4, 5], [6, 7]] }));
  assert.equal(mover.trace, 1);
  assert.equal(mover.count, 2);
  assert.deepEqual(mover.at(0), { x: [0, 1], y: [4, 5] });
  assert.deepEqual(mover.at(9), { x: [2, 3], y: [6, 7] });
});

test("a figure may have several movers, or none", () => {
  const two = { motion: [{ trace: 0, x: [1] }, { trace: 3, x: [1, 2, 3] }] };
  assert.deepEqual(moversOf(two).map(({ trace, count }) => [trace, count]), [[0, 1], [3, 3]]);
  assert.deepEqual(moversOf({}), []);
  assert.equal(moversOf(two), moversOf(two), "looked up once for each figure");
});

test("packed positions are unpacked to one point each", () => {
  const [mover] = moversOf({ motion: { trace: 0, x: { bdata: "AADAPwAAAMDNzMw9" } } });
  assert.deepEqual(mover.at(1), { x: [-2] });
});

test("a path is shown at its end, and Step begins anew from there", (context) => {
  const { bar, step, where, root } = barOf(context);
  assert.equal(bar.position(), 6);
  assert.equal(where.textContent, "step 3 of 3");
  step.fire("click");
  assert.equal(bar.position(), 2);
  assert.equal(where.textContent, "step 1 of 3");
  assert.equal(root.dataset.motion, "still");
});

test("in slow motion Step makes one part, and says who moves", (context) => {
  const { bar, step, slow, where } = barOf(context);
  step.fire("click");
  slow.fire("click");
  assert.equal(slow.attributes["aria-pressed"], "true");
  step.fire("click");
  assert.equal(bar.position(), 3);
  assert.equal(where.textContent, "step 2 of 3 · x moves");
  step.fire("click");
  assert.equal(where.textContent, "step 2 of 3 · y moves");
});

test("out of slow motion, Step ends between two steps", (context) => {
  const { bar, step, slow } = barOf(context);
  slow.fire("click");
  step.fire("click");
  slow.fire("click");
  step.fire("click");
  assert.equal(bar.position() % 2, 0);
});

test("playing keeps to its speed, catches up after a late frame, and stops at the end", (context) => {
  const { bar, play, clock, seen, root } = barOf(context);
  play.fire("click");
  assert.equal(play.textContent, "Pause");
  assert.equal(root.dataset.motion, "playing");
  assert.equal(bar.position(), 0);
  clock.wait(90);
  assert.equal(bar.position(), 0);
  clock.wait(20);
  assert.equal(bar.position(), 2);
  clock.wait(190); // two more of 100 ms are over
  assert.equal(bar.position(), 6);
  assert.equal(bar.playing(), false);
  assert.deepEqual([play.textContent, root.dataset.motion], ["Play", "still"]);
  assert.deepEqual(seen, [0, 2, 6]);
  clock.wait(1000);
  assert.deepEqual(seen, [0, 2, 6]);
});

test("a step in slow motion takes four times as long", (context) => {
  const { bar, play, slow, clock } = barOf(context);
  play.fire("click");
  slow.fire("click");
  clock.wait(199); // a part of two: 400 ms / 2
  assert.equal(bar.position(), 0);
  clock.wait(1);
  assert.equal(bar.position(), 1);
});

test("Pause stands still where it is", (context) => {
  const { bar, play, clock } = barOf(context);
  play.fire("click");
  clock.wait(100);
  play.fire("click");
  clock.wait(500);
  assert.equal(bar.position(), 2);
  assert.equal(bar.playing(), false);
});

test("the slider chooses a position and ends the playing", (context) => {
  const { bar, play, slider, where } = barOf(context);
  play.fire("click");
  slider.value = "3";
  slider.fire("input");
  assert.equal(bar.position(), 3);
  assert.equal(bar.playing(), false);
  assert.equal(where.textContent, "step 2 of 3");
  assert.equal(slider.attributes["aria-valuetext"], "step 2 of 3");
  assert.equal(slider.properties["--at"], "50%");
});

test("at the end means at the end of a longer path, too; elsewhere the position stays", (context) => {
  const { bar, slider } = barOf(context);
  bar.show({ field: figure({ x: Array(11).fill(0) }) }, 0);
  assert.equal(bar.position(), 10);
  slider.value = "3";
  slider.fire("input");
  bar.show({ field: figure() }, 0);
  assert.equal(bar.position(), 3);
  slider.value = "6";
  slider.fire("input");
  bar.show({ field: figure({ x: Array(11).fill(0) }) }, 0);
  assert.equal(bar.position(), 10);
});

test("a scene plays from the beginning, once for each time it was asked for", (context) => {
  const { bar, clock } = barOf(context, { field: figure() }, 1);
  assert.equal(bar.playing(), true);
  assert.equal(bar.position(), 0);
  clock.wait(100);
  bar.show({ field: figure() }, 1);
  assert.equal(bar.position(), 2);
  bar.show({ field: figure() }, 2);
  assert.equal(bar.position(), 0);
});

test("who wants less motion is shown the end, and not the way there", (context) => {
  const { bar } = barOf(context);
  globals(context, { window: { matchMedia: () => ({ matches: true }) } });
  bar.show({ field: figure() }, 5);
  assert.equal(bar.playing(), false);
  assert.equal(bar.position(), 6);
});

test("without a motion the bar is hidden and nothing plays", (context) => {
  const { bar, root, play } = barOf(context);
  assert.equal(root.parts[".motion"].hidden, false);
  play.fire("click");
  bar.show({ table: {} }, 0);
  assert.equal(root.parts[".motion"].hidden, true);
  assert.equal(bar.playing(), false);
});

test("a clock of its own is told with its unit and its decimals", (context) => {
  const { where, slider } = barOf(context, { time: { motion: { trace: 0, x: Array(41).fill(0), clock: { name: "time", tick: 0.5 } } } });
  assert.equal(where.textContent, "time 20.0 of 20.0");
  slider.value = "7";
  slider.fire("input");
  assert.equal(where.textContent, "time 3.5 of 20.0");
});
