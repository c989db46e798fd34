// @ts-check
// What keys do on a page: they press its own buttons and move its own sliders.

import { sceneAfter } from "./keytable.js";

const WHO = [["both", 0], ["onlyD", 1], ["onlyG", 2]]; // places in the row of buttons `who`
const BUTTONS = {
  // Live, in a lesson: to the step of the scene, and once there, on.
  play: [":root:has(.gan-board) .st-key-play_scene button:enabled", ".st-key-play button", ".gan-plots .motion:not([hidden]) .play"],
  step: [".st-key-step button", ".gan-plots .motion:not([hidden]) .step"],
  live: [".gan-board .rewind .live"],
  ask: [".st-key-ask_class button"],
  answer: [".st-key-show_answer button"],
  reset: [".st-key-reset button"],
  undo: [".st-key-undo button"],
  nextPreset: [".st-key-next_preset button"],
  lastPreset: [".st-key-last_preset button"],
  ...Object.fromEntries(WHO.map(([act, place]) => [act, [`.st-key-who button:nth-of-type(${Number(place) + 1})`]])),
};
const SLIDERS = [".gan-board .rewind input", ".gan-plots .motion:not([hidden]) input"];
const SCENE = /(^|\s)st-key-scene[_-]/; // a button's class, from its key in the pages

/** @type {Map<string, number>} */
const scenes = new Map(); // page -> place of the scene that was pressed last

/** Presses the button of `act`. @param {string} act @returns {boolean} whether this page has it */
export function perform(act) {
  if (act === "earlier" || act === "later") return slide(act === "later" ? 1 : -1);
  if (act === "nextScene") return goToScene(1);
  if (act === "lastScene") return goToScene(-1);
  return press(/** @type {Record<string, string[]>} */ (BUTTONS)[act] ?? []);
}

/** @param {string[]} selectors @returns {boolean} */
function press(selectors) {
  const button = /** @type {HTMLButtonElement | null} */ (first(selectors));
  if (button && !button.disabled) button.click();
  return button !== null;
}

/** @param {number} by @returns {boolean} */
function slide(by) {
  const slider = /** @type {HTMLInputElement | null} */ (first(SLIDERS));
  if (!slider) return false;
  if (slider.disabled) return true;
  slider.value = String(Number(slider.value) + by); // the browser keeps it within its ends
  slider.dispatchEvent(new Event("input", { bubbles: true }));
  return true;
}

/** The lesson's next or last scene; without a lesson, the page's own. @param {1 | -1} by @returns {boolean} */
function goToScene(by) {
  if (press([`.st-key-${by > 0 ? "next" : "last"}_scene :is(button, a)`])) return true;
  const buttons = sceneButtons();
  if (!buttons.length) return perform(by > 0 ? "nextPreset" : "lastPreset");
  const next = sceneAfter(scenes.get(location.pathname) ?? -1, buttons.length, by);
  if (next !== null) buttons[next].click();
  return true;
}

/** @returns {HTMLElement[]} */
const sceneButtons = () => [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".stElementContainer"))]
  .filter(({ className }) => SCENE.test(className))
  .map((box) => box.querySelector("button")).filter((button) => button !== null);

/** Remembers which scene was pressed, by key or by mouse. @param {Event} event */
export function noteScene({ target }) {
  const button = /** @type {Element | null} */ (target)?.closest?.("button");
  const place = button && SCENE.test(button.closest(".stElementContainer")?.className ?? "")
    ? sceneButtons().indexOf(/** @type {HTMLElement} */ (button)) : -1;
  if (place >= 0) scenes.set(location.pathname, place);
}

/** @param {string[]} selectors */
const first = (selectors) => selectors.map((selector) => document.querySelector(selector)).find((node) => node) ?? null;
