import assert from "node:assert/strict";
import { test } from "node:test";

import { leanOf, scaleOf, verdictSaid, verdictsSaid } from "../../ui/static/verdicts.js";

const PROBABILITIES = { axis: "probability", reference: 0.45, verdicts: [0.3, 0.4], real_verdicts: [0.5, 0.9] };
const LSGAN = { axis: "score", reference: 0.45, verdicts: [0.2, 0.4], real_verdicts: [0.5, 1.25] };
const WGAN = { axis: "score", reference: null, verdicts: [37, 38, 39], real_verdicts: [40, 42] };

test("a probability leans by its share of the way from the line to 0 or 1", () => {
  const scale = scaleOf(PROBABILITIES);
  assert.equal(leanOf(scale, 0.45), 0);
  assert.equal(leanOf(scale, 0), -1);
  assert.equal(leanOf(scale, 1), 1);
  assert.ok(Math.abs(leanOf(scale, 0.225) + 0.5) < 1e-12);
});

test("a score with a line leans by what the digits at hand show", () => {
  const scale = scaleOf(LSGAN);
  assert.equal(leanOf(scale, 1.25), 1);
  assert.ok(Math.abs(leanOf(scale, 0.05) + 0.5) < 1e-12);
});

test("scores without a line lean from half way between their means, wherever that is", () => {
  const scale = scaleOf(WGAN); // 38 and 41: 39.5
  assert.deepEqual([37, 39.5, 42].map((score) => leanOf(scale, score)), [-1, 0, 1]);
  assert.ok(leanOf(scale, 39) < 0 && leanOf(scale, 40) > 0);
});

test("nothing measured, one score for all, and a line at an end give no colour that is no number", () => {
  assert.equal(leanOf(scaleOf({ ...WGAN, verdicts: [], real_verdicts: [] }), 0), 0);
  assert.equal(leanOf(scaleOf({ ...WGAN, verdicts: [3], real_verdicts: [3] }), 3), 0);
  assert.equal(leanOf(scaleOf({ ...PROBABILITIES, reference: 0 }), 0), 0);
});

test("probabilities are written in percent, scores as numbers", () => {
  assert.deepEqual([0.456, 1].map((output) => verdictSaid("probability", output)), ["46", "100"]);
  assert.deepEqual([0.456, -1.26, 38.4].map((output) => verdictSaid("score", output)), ["0.46", "−1.3", "38"]);
});

test("the line is named where there is one", () => {
  assert.match(verdictsSaid(PROBABILITIES), /; line 45 %$/);
  assert.match(verdictsSaid(LSGAN), /; line 0\.45$/);
  assert.match(verdictsSaid(WGAN), /half way between the mean scores$/);
});
