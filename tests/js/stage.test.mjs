// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { chosenOf, toggled } from "../../ui/static/stage.js";

const BOARD = ["digits", "value", "losses", "saddle", "outputs", "diagnosis"];
const GAMES = ["table", "replies", "payoffs", "square", "surface", "time"];

test("a page starts with four panels: the board with its usual ones, others with the first", () => {
  assert.deepEqual(chosenOf(BOARD, []), ["digits", "value", "saddle", "outputs"]);
  assert.deepEqual(chosenOf(GAMES, []), ["table", "replies", "payoffs", "square"]);
  assert.deepEqual(chosenOf(["one"], []), ["one"]);
});

test("picked panels stand in the order of the page, at most four", () => {
  assert.deepEqual(chosenOf(GAMES, ["time", "table"]), ["table", "time"]);
  assert.deepEqual(chosenOf(GAMES, GAMES).length, 4);
});

test("a panel is switched off and on again, but never the last one, and no fifth", () => {
  const three = toggled(GAMES, [], "replies");
  assert.deepEqual(chosenOf(GAMES, three), ["table", "payoffs", "square"]);
  assert.deepEqual(chosenOf(GAMES, toggled(GAMES, three, "time")), ["table", "payoffs", "square", "time"]);
  assert.deepEqual(toggled(GAMES, [], "time"), []);
  assert.deepEqual(toggled(GAMES, ["time"], "time"), ["time"]);
});

test("what is picked on another picture of the same page is remembered", () => {
  const picks = toggled(["table", "simplex"], ["square", "table"], "simplex");
  assert.deepEqual(chosenOf(["table", "square"], picks), ["table", "square"]);
  assert.deepEqual(chosenOf(["table", "simplex"], picks), ["table", "simplex"]);
});

test("a scene of a lesson starts with its own panels, at least two", () => {
  assert.deepEqual(chosenOf(BOARD, [], ["outputs", "losses", "value"]), ["value", "losses", "outputs"]);
  assert.deepEqual(chosenOf(BOARD, [], ["diagnosis"]), ["digits", "diagnosis"]);
  assert.deepEqual(chosenOf(BOARD, ["saddle"], ["diagnosis"]), ["saddle"]);
  assert.deepEqual(chosenOf(GAMES, toggled(GAMES, [], "time", ["time"]), ["time"]), ["table"]);
});
