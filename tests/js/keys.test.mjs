import assert from "node:assert/strict";
import { test } from "node:test";

import { keysOverSliders } from "../../ui/static/keys.js";
import { globals } from "./page.mjs";

function pageWith(context, buttons) {
  let listener = null;
  globals(context, {
    window: { addEventListener: (_, act) => { listener = act; },
              removeEventListener: (_, act) => { if (act === listener) listener = null; } },
    document: { querySelector: (selector) => buttons[selector] ?? null },
  });
  const stop = keysOverSliders();
  const press = (key, more = {}) => {
    let taken = false;
    listener?.({ key, target: { type: "range" }, preventDefault: () => { taken = true; }, ...more });
    return taken;
  };
  return { press, stop };
}

const button = (disabled = false) => ({ disabled, clicks: 0, click() { this.clicks += 1; } });

test("over a slider K plays and S steps", (context) => {
  const [play, step] = [button(), button()];
  const { press, stop } = pageWith(context, { ".st-key-play button": play, ".st-key-step button": step });
  assert.equal(press("k"), true);
  assert.equal(press("S"), true);
  assert.deepEqual([play.clicks, step.clicks], [1, 1]);
  stop();
  press("k");
  assert.equal(play.clicks, 1);
});

test("no other key, no key elsewhere, none that is held down or belongs to the browser", (context) => {
  const play = button();
  const { press } = pageWith(context, { ".st-key-play button": play });
  const others = [["x"], ["k", { target: { type: "text" } }], ["k", { repeat: true }], ["k", { ctrlKey: true }],
                  ["k", { metaKey: true }], ["k", { altKey: true }], ["s"]];
  for (const [key, more] of (others)) assert.equal(press(key, more), false);
  assert.equal(play.clicks, 0);
});

test("a button that is off is not pressed", (context) => {
  const play = button(true);
  assert.equal(pageWith(context, { ".st-key-play button": play }).press("k"), false);
  assert.equal(play.clicks, 0);
});
