import assert from "node:assert/strict";
import { test } from "node:test";

import { scaleSaid, tracesOf } from "../../ui/static/closeup.js";

test("the close-up has contour lines of its own instead of the numbers of the whole surface", () => {
  const figure = { data: [{ name: "heights" }, { name: "start" }, {}] };
  assert.deepEqual(tracesOf(figure, undefined), figure.data);
  assert.deepEqual(tracesOf(figure, { data: [{ name: "lines" }] }), [{ name: "lines" }, { name: "start" }, {}]);
});

test("a part of the surface says from where to where it goes", () => {
  assert.equal(scaleSaid([0.42, 0.58], [0.3999, 0.52]), "Only a part of the surface: a from 0.42 to 0.58, b from 0.4 to 0.52.");
  assert.equal(scaleSaid([0, 1], [0.25, 1]), "Only a part of the surface: a from 0 to 1, b from 0.25 to 1.");
});

test("the whole surface says nothing, neither does more than it", () => {
  assert.equal(scaleSaid([0, 1], [-0.1, 1.2]), "");
});
