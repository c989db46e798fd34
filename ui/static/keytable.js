// @ts-check
// The one table of keys: which key does what, and when it belongs to something else on the page.

/** @typedef {{ act: string, keys: string[], shown: string, said: string, only?: "presenting", repeats?: boolean }} Key */

// `only: "presenting"`: elsewhere the key scrolls the page. `repeats`: also while it is held down.
/** @type {Key[]} */
export const KEYS = [
  { act: "present", keys: ["p"], shown: "P", said: "Presentation mode on and off" },
  { act: "back", keys: ["escape"], shown: "Esc", said: "Back: all panels, then the usual page" },
  { act: "panel", keys: ["1", "2", "3", "4", "5", "6", "7", "8"], shown: "1 to 8", said: "Panel on or off, at most four panels", only: "presenting" },
  { act: "solo", keys: ["f"], shown: "F", said: "The panel under the pointer alone, and back" },
  { act: "controls", keys: ["c"], shown: "C", said: "Sliders and menus on and off", only: "presenting" },
  { act: "play", keys: ["k"], shown: "K", said: "Play and pause" },
  { act: "play", keys: [" "], shown: "Space", said: "Play and pause", only: "presenting" },
  { act: "step", keys: ["s"], shown: "S", said: "One step" },
  { act: "earlier", keys: ["arrowleft"], shown: "←", said: "Rewind one frame", only: "presenting", repeats: true },
  { act: "later", keys: ["arrowright"], shown: "→", said: "Forward one frame", only: "presenting", repeats: true },
  { act: "live", keys: ["l"], shown: "L", said: "Live: back from an earlier step" },
  { act: "nextScene", keys: ["pagedown"], shown: "Page Down", said: "Next scene", only: "presenting" },
  { act: "lastScene", keys: ["pageup"], shown: "Page Up", said: "Previous scene", only: "presenting" },
  { act: "ask", keys: ["v"], shown: "V", said: "Ask the class the question of the scene" },
  { act: "answer", keys: ["e"], shown: "E", said: "Show the answer" },
  { act: "nextPreset", keys: ["n"], shown: "N", said: "Next preset, with Shift the previous one (live page)" },
  { act: "reset", keys: ["r"], shown: "R", said: "Reset: the same game from its first step" },
  { act: "undo", keys: ["u"], shown: "U", said: "Undo: back to the game before" },
  { act: "onlyD", keys: ["d"], shown: "D", said: "Only D moves in a step" },
  { act: "onlyG", keys: ["g"], shown: "G", said: "Only G moves in a step" },
  { act: "both", keys: ["a"], shown: "A", said: "Both D and G move in a step" },
  { act: "point", keys: ["q"], shown: "Q, held", said: "A spot follows the mouse" },
  { act: "black", keys: ["b", "."], shown: "B", said: "Black screen; any key back" },
  { act: "list", keys: ["?"], shown: "?", said: "This list" },
];

export const BY_MOUSE = "A double click on the title of a panel shows it alone; inside a chart it resets the zoom.";

const ARROWS = ["arrowleft", "arrowright"];
const SCENES = ["nextScene", "lastScene"];

/**
 * What a key does here, or null if it is not ours.
 * @param {{ key: string, repeat?: boolean, ctrlKey?: boolean, metaKey?: boolean, altKey?: boolean, shiftKey?: boolean }} event
 * @param {{ presenting?: boolean, inLesson?: boolean, typing?: boolean, usesArrows?: boolean, usesSpace?: boolean, usesEscape?: boolean }} where
 *   whether the page is in presentation mode or has a lesson bar; whether someone types; and which of the keys
 *   the focused element, or an open menu, uses itself
 * @returns {{ act: string, number: number, repeated: boolean } | null} `number`: of the panel, from 0
 */
export function actionOf(event, where) {
  if (event.ctrlKey || event.metaKey || event.altKey || where.typing) return null;
  const name = event.key.toLowerCase();
  const key = KEYS.find(({ keys }) => keys.includes(name));
  if (!key || (where.usesArrows && ARROWS.includes(name)) || (where.usesSpace && name === " ")) return null;
  if (where.usesEscape && name === "escape") return null;
  const goesOn = where.presenting || (where.inLesson && SCENES.includes(key.act));
  if (key.only && !goesOn) return null;
  const act = key.act === "nextPreset" && event.shiftKey ? "lastPreset" : key.act;
  return { act, number: key.keys.indexOf(name), repeated: Boolean(event.repeat) && !key.repeats };
}

const TYPED = "textarea, select, [contenteditable]:not([contenteditable=false]), [role=textbox], [role=combobox], "
  + "[role=searchbox], [role=spinbutton], [role=grid], [role=menu], [role=listbox], .stDataFrame, .stDataEditor, #portal";
const UNTYPED = ["button", "checkbox", "color", "file", "image", "radio", "range", "reset", "submit"]; // of an input

/** Whether keys pressed in `target` are letters of a text, a number or a table. @param {any} target */
export const isTyping = (target) => Boolean(
  (target?.tagName === "INPUT" && !UNTYPED.includes(target.type)) || target?.closest?.(TYPED));

/** Whether arrows move `target` itself. @param {any} target */
export const usesArrows = (target) => (
  ["range", "radio"].includes(target?.type) || Boolean(target?.closest?.("[role=slider], [role=radio], [role=tab]")));

/** The place after `now` in a row of `count` scenes, one on or back; no step beyond the ends.
 * @param {number} now -1: none yet @param {number} count @param {1 | -1} by @returns {number | null} */
export function sceneAfter(now, count, by) {
  const next = now + by;
  return next >= 0 && next < count ? next : null;
}
