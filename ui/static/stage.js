// @ts-check
// The stage: which panels a page shows, whether in presentation mode, one alone, or a black screen.
// present.js changes it by keys; a follower's screen shows another person's stage with applyStage and showPointer.
//
// On `window`: "gan-stage" with the stage at each change; "gan-pointer" with { panel, x, y } (0 to 1 of the panel's
// box) or null, at most 20 a second while the pointer key is held; "gan-panels" whenever a root (.gan-board or
// .gan-plots) is made or gets other panels, sent by board.js and plots.js.

/** @typedef {{ present: boolean, panels: string[], solo: string | null, black: boolean }} Stage */
/** @typedef {{ panel: string, x: number, y: number }} Point */

export const MOST = 4; // panels that share the screen
const PAIR = 2; // panels beside a lesson's words, which take room, too
// Of a board of digits, or of points; other pages begin with their first panels.
const STARTS = [["digits", "value", "saddle", "outputs"], ["samples", "value", "saddle", "outputs"]];
const ROOTS = ".gan-board, .gan-plots";

/** @type {Stage} */
const stage = { present: false, panels: [], solo: null, black: false };

/** What this page shows now. @returns {Stage} */
export const stageOf = () => ({ ...stage, panels: [...stage.panels] });

/** The chart area of this page, if it has one. @returns {HTMLElement | null} */
export const rootOfPage = () => document.querySelector(ROOTS);

/** Names of all panels in `root`, in the order of the page. @param {Element | null} root @returns {string[]} */
export const panelsOf = (root) => (
  [...root?.querySelectorAll(".panel[data-panel]") ?? []].map((panel) => /** @type {HTMLElement} */ (panel).dataset.panel ?? ""));

/** Changes the stage of this page, shows it, and tells the window, unless nothing is new. @param {Partial<Stage>} change */
export function setStage(change) {
  const before = JSON.stringify(stage);
  Object.assign(stage, change);
  const root = rootOfPage();
  const all = panelsOf(root);
  if (stage.solo && !all.includes(stage.solo)) stage.solo = null;
  stage.panels = stage.present ? chosenOf(all, picksOfPage(), panelsOfScene()) : all;
  if (root && (before !== JSON.stringify(stage) || !isPlain(stage))) applyStage(root, stage);
  if (before !== JSON.stringify(stage)) window.dispatchEvent(new CustomEvent("gan-stage", { detail: stageOf() }));
}

/** @param {Stage} shown */
const isPlain = ({ present, solo, black }) => !present && !solo && !black;

/** The panels shown in presentation mode: those picked of `all`, or those a lesson's scene is about, at least two, or
 * the page's usual ones; in the page's order. @param {string[]} all @param {string[]} picks @param {string[]} [scene]
 * @returns {string[]} */
export function chosenOf(all, picks, scene = []) {
  const chosen = all.filter((name) => picks.includes(name));
  if (chosen.length) return chosen.slice(0, MOST);
  const usual = STARTS.find((start) => start.every((name) => all.includes(name))) ?? all;
  const about = scene.filter((name) => all.includes(name));
  const start = [...new Set([...about, ...usual])].slice(0, about.length ? Math.max(PAIR, Math.min(about.length, MOST)) : MOST);
  return all.filter((name) => start.includes(name));
}

/** The picks after panel `name` is switched on or off: never none, never more than MOST shown. What is picked
 * on other pictures of the page stays. @param {string[]} all @param {string[]} picks @param {string} name
 * @param {string[]} [scene] */
export function toggled(all, picks, name, scene = []) {
  const elsewhere = picks.filter((pick) => !all.includes(pick));
  const chosen = chosenOf(all, picks, scene);
  if (chosen.includes(name)) {
    return chosen.length > 1 ? [...elsewhere, ...chosen.filter((other) => other !== name)] : picks;
  }
  return chosen.length < MOST ? [...elsewhere, ...chosen, name] : picks;
}

// ---------------------------------------------------------------- picks, remembered for each page

/** The panels that the scene of a lesson is about: ui/lesson_bar.py. @returns {string[]} */
export const panelsOfScene = () => (
  getComputedStyle(document.documentElement).getPropertyValue("--scene-panels").match(/[\w-]+/g) ?? []);

function keyOfPage() { // each scene of a lesson has picks of its own
  const address = new URLSearchParams(location.search);
  return ["gan panels of", location.pathname, address.get("lesson"), address.get("scene")].join(" ");
}

/** @returns {string[]} */
export function picksOfPage() {
  try {
    return JSON.parse(sessionStorage.getItem(keyOfPage()) ?? "[]");
  } catch { // storage is off, or holds something else
    return [];
  }
}

/** @param {string[]} picks */
export function keepPicks(picks) {
  try {
    sessionStorage.setItem(keyOfPage(), JSON.stringify(picks));
  } catch { /* storage is off: the picks last as long as the page starts with the usual ones */ }
}

// ---------------------------------------------------------------- on the screen

/** Shows `shown` in a root: its panels, or one alone, or black. Names of panels it does not have are passed over.
 * @param {HTMLElement} root @param {Stage} shown */
export function applyStage(root, shown) {
  const all = panelsOf(root);
  const named = shown.solo && all.includes(shown.solo) ? [shown.solo] : shown.panels.filter((name) => all.includes(name));
  const some = (shown.present || shown.solo) && named.length ? named : all;
  for (const panel of root.querySelectorAll(".panel[data-panel]")) {
    panel.classList.toggle("off-stage", !some.includes(/** @type {HTMLElement} */ (panel).dataset.panel ?? ""));
  }
  root.classList.toggle("staged", some !== all || shown.present);
  root.classList.toggle("blacked", shown.black);
  root.dataset.shown = String(some.length);
}

/** A spot on a panel of `root`, or none. @param {HTMLElement} root @param {Point | null} point */
export function showPointer(root, point) {
  const panel = point && root.querySelector(`.panel[data-panel="${CSS.escape(point.panel)}"]`);
  const old = root.querySelector(".gan-spot");
  if (!panel || !point) {
    old?.remove();
    return;
  }
  const spot = /** @type {HTMLElement} */ (old ?? document.createElement("div"));
  spot.className = "gan-spot";
  spot.style.left = `${100 * point.x}%`;
  spot.style.top = `${100 * point.y}%`;
  if (spot.parentElement !== panel) panel.append(spot);
}
