// The text of what is drawn is what gan_core/drawn.py reads.
import assert from "node:assert/strict";
import { test } from "node:test";

import { pointsText, sketchText } from "../../ui/static/draw.js";

test("a point is four letters: twelve bits across, twelve up", () => {
  assert.equal(pointsText([[0, 0], [4095, 4095], [1, 2], [2048, 63]]), "AAAA____ABACgAA_");
});

test("a bin is one letter", () => {
  assert.equal(sketchText([0, 1, 26, 52, 62, 63]), "ABa0-_");
});
