import assert from "node:assert/strict";
import { test } from "node:test";

import { draw, numbersOf, zoomsOf } from "../../ui/static/numbers.js";
import { globals } from "./page.mjs";

// As gan_core.figures.style.typed packs [1.5, -2, 0.1], [[1, 2, 3], [4, 5, 6.5]] and [].
const ROW = { dtype: "f4", bdata: "AADAPwAAAMDNzMw9" };
const GRID = { dtype: "f4", bdata: "AACAPwAAAEAAAEBAAACAQAAAoEAAANBA", shape: "2, 3" };

test("packed numbers are read as float32", () => {
  assert.deepEqual(numbersOf(ROW), Float32Array.of(1.5, -2, 0.1));
});

test("packed rows are read row by row", () => {
  assert.deepEqual(numbersOf(GRID), [Float32Array.of(1, 2, 3), Float32Array.of(4, 5, 6.5)]);
});

test("numbers are unpacked once, so that Plotly sees the same array again", () => {
  assert.equal(numbersOf(ROW), numbersOf(ROW));
  assert.equal(numbersOf(GRID), numbersOf(GRID));
});

test("a browser that reads base64 itself gives the same numbers", (context) => {
  const reads = (Uint8Array);
  const before = reads.fromBase64;
  context.after(() => { reads.fromBase64 = before; });
  reads.fromBase64 = (text) => new Uint8Array(Buffer.from(text, "base64"));
  const asBrowserReads = numbersOf({ ...GRID });
  reads.fromBase64 = undefined;
  assert.deepEqual(numbersOf({ ...GRID }), asBrowserReads);
});

test("what is not packed comes back as it is", () => {
  const plain = [1, null, 3];
  for (const value of [plain, "lines", 7, 0, null, undefined]) assert.equal(numbersOf(value), value);
});

test("a range that the viewer has chosen is a zoom, as two ends or as one pair", () => {
  const node = {};
  assert.deepEqual(zoomsOf(node, { "xaxis.range[0]": 1, "xaxis.range[1]": 2, "yaxis2.range": [3, 4], "scene.camera": {} }),
                   [["xaxis", [1, 2]], ["yaxis2", [3, 4]]]);
  assert.deepEqual(zoomsOf(node, { "xaxis.autorange": true, autosize: true }), []);
});

test("a range that we have asked for ourselves is no zoom", (context) => {
  let calls = 0;
  globals(context, { window: { Plotly: { react: () => { calls += 1; } } } });
  const node = { _fullLayout: {} };
  draw(node, [{ type: "scatter", x: ROW, y: ROW }], { xaxis: { range: [0, 5] }, yaxis: { range: [-1, 1] } }, {});
  assert.equal(calls, 1);
  assert.deepEqual(zoomsOf(node, { "xaxis.range": [0, 5], "yaxis.range": [-1, 0.5] }), [["yaxis", [-1, 0.5]]]);
});

test("Plotly is given numbers, not their packing", (context) => {
  const seen = [];
  globals(context, { window: { Plotly: { react: (...rest) => { seen.push(rest); } } } });
  draw({ _fullLayout: {} }, [{ type: "scatter", x: ROW, y: [1, 2, 3], name: "D" }], {}, {});
  assert.deepEqual(seen[0][1], [{ type: "scatter", x: Float32Array.of(1.5, -2, 0.1), y: [1, 2, 3], name: "D" }]);
});
