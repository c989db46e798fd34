// @ts-check
import assert from "node:assert/strict";
import { test } from "node:test";

import { KEYS, actionOf, isTyping, sceneAfter, usesArrows } from "../../ui/static/keytable.js";

const act = (/** @type {string} */ key, where = {}, more = {}) => actionOf({ key, ...more }, where)?.act ?? null;
const presenting = { presenting: true };

test("each key stands once in the table, with what it does", () => {
  const all = KEYS.flatMap(({ keys }) => keys);
  assert.equal(new Set(all).size, all.length);
  for (const { shown, said } of KEYS) assert.ok(shown && said);
});

test("letters act on every page, capital or not; keys that scroll a page act in presentation mode alone", () => {
  assert.deepEqual(["p", "P", "k", "s", "f", "?"].map((key) => act(key)), ["present", "present", "play", "step", "solo", "list"]);
  for (const key of [" ", "ArrowLeft", "ArrowRight", "PageDown", "PageUp", "3"]) {
    assert.equal(act(key), null, key);
    assert.notEqual(act(key, presenting), null, key);
  }
  assert.equal(act("x", presenting), null);
});

test("in a lesson a presenter's remote turns the scenes on the usual page, too", () => {
  const lesson = { inLesson: true };
  assert.deepEqual([act("PageDown", lesson), act("PageUp", lesson), act(" ", lesson)], ["nextScene", "lastScene", null]);
});

test("the keys cover the loop of a game: preset, reset, undo, rewind, live, only D, only G, both", () => {
  assert.deepEqual(["n", "r", "u", "ArrowLeft", "l", "d", "g", "a"].map((key) => act(key, presenting)),
    ["nextPreset", "reset", "undo", "earlier", "live", "onlyD", "onlyG", "both"]);
  assert.equal(act("N", {}, { shiftKey: true }), "lastPreset");
});

test("a question of a lesson is asked and answered by key, not while someone types", () => {
  assert.deepEqual([act("v", {}), act("E", presenting)], ["ask", "answer"]);
  assert.equal(act("e", { typing: true }), null);
});

test("a key is not ours while someone types, or with Ctrl, Meta or Alt", () => {
  for (const key of ["p", "k", "r", "1", " ", "Escape"]) {
    assert.equal(act(key, { presenting: true, typing: true }), null, key);
    for (const held of ["ctrlKey", "metaKey", "altKey"]) assert.equal(act(key, presenting, { [held]: true }), null, key);
  }
});

test("what the focused element or an open menu uses itself is left to it", () => {
  const slider = { presenting: true, usesArrows: true };
  assert.deepEqual([act("ArrowLeft", slider), act("PageDown", slider), act("k", slider)], [null, "nextScene", "play"]);
  assert.deepEqual([act(" ", { presenting: true, usesSpace: true }), act("Escape", { usesEscape: true })], [null, null]);
});

test("a number names a panel; a key held down acts once, an arrow again and again", () => {
  assert.equal(actionOf({ key: "4" }, presenting)?.number, 3);
  assert.equal(actionOf({ key: "s", repeat: true }, {})?.repeated, true);
  assert.equal(actionOf({ key: "ArrowLeft", repeat: true }, presenting)?.repeated, false);
});

test("texts, numbers and tables are typed in; buttons and sliders are not", () => {
  const input = (/** @type {string} */ type) => ({ tagName: "INPUT", type, closest: () => null });
  assert.deepEqual(["text", "number", "search", "range", "checkbox"].map((type) => isTyping(input(type))),
    [true, true, true, false, false]);
  assert.equal(isTyping({ tagName: "CANVAS", closest: (/** @type {string} */ s) => (s.includes("[role=grid]") ? {} : null) }), true);
  assert.equal(isTyping({ tagName: "BUTTON", type: "submit", closest: () => null }), false);
  assert.deepEqual([usesArrows(input("range")), usesArrows(input("checkbox"))], [true, false]);
});

test("scenes go on and back one by one, and stop at both ends", () => {
  assert.deepEqual([sceneAfter(-1, 3, 1), sceneAfter(0, 3, 1), sceneAfter(2, 3, 1)], [0, 1, null]);
  assert.deepEqual([sceneAfter(2, 3, -1), sceneAfter(0, 3, -1), sceneAfter(-1, 3, -1)], [1, null, null]);
});
