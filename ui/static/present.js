// @ts-check
// Presentation mode: the chosen panels fill the screen, and keys do what a presenter needs. One for all pages.
//
// The page under it stays as it is and is only hidden (present.css), so that it is there again as it was.

import { noteScene, perform } from "./acts.js";
import { actionOf, isTyping, usesArrows } from "./keytable.js";
import { LIST_HTML, TOOLS_HTML, writeTools } from "./keylist.js";
import { loadStyles } from "./parts.js";
import { pointWith } from "./spot.js";
import { keepPicks, panelsOf, panelsOfScene, picksOfPage, rootOfPage, setStage, stageOf, toggled } from "./stage.js";

const BARS = ["lesson_bar", "notices", "transport", "scenes"].map((key) => `.st-key-${key}`); // from top to bottom
const SPECIAL = "button, a[href], input, summary, canvas.modebar-btn, .modebar";
const OPEN = "[data-testid=stPopoverBody], [role=menu], [role=listbox], [role=dialog], :popover-open, dialog[open]";

const styles = loadStyles("present.css");
const html = document.documentElement;
/** @type {any} */ let tools = null; // the component's own element: buttons, key list, black screen
let page = ""; // the path of the page that is open
let hasPanels = true; // whether it will have panels: those of the page before stay in sight for a moment
let scrolled = 0; // of the usual page, while the panels fill the screen
const point = pointWith();
const barSizes = new ResizeObserver(placeBars);

/** Streamlit calls this at every run of the script. @param {any} component */
export async function render(component) {
  await styles;
  if (tools?.parentElement !== component.parentElement) makeTools(component.parentElement);
  hasPanels = component.data.panels;
  if (!html.dataset.keys) listen();
  if (page !== location.pathname) readAddress(); // a link to another page may say so
  update({});
  return () => {};
}

/** @param {Element} parent */
function makeTools(parent) {
  parent.querySelector(":scope > .gan-present")?.remove();
  tools = document.createElement("div");
  tools.className = "gan-present";
  tools.innerHTML = TOOLS_HTML + LIST_HTML;
  parent.append(tools);
  tools.addEventListener("click", (/** @type {any} */ { target }) => {
    const button = target.closest("button[data-act]");
    if (button) act(button.dataset.act, Number(button.dataset.number ?? 0));
    if (target.closest(".gan-black")) update({ black: false });
  });
}

function listen() {
  html.dataset.keys = "on";
  // First of all listeners: what is ours is not passed on to Streamlit's own keys, which would act once more.
  window.addEventListener("keydown", onKey, true);
  window.addEventListener("keyup", ({ key }) => { if (key.toLowerCase() === "q") point.stop(); }, true);
  window.addEventListener("blur", () => point.stop());
  window.addEventListener("dblclick", onDoubleClick);
  window.addEventListener("gan-panels", () => update({}));
  window.addEventListener("click", noteScene, true);
}

// ---------------------------------------------------------------- keys

/** @param {KeyboardEvent} event */
function onKey(event) {
  const stage = stageOf();
  if (stage.black && !["Control", "Shift", "Alt", "Meta"].includes(event.key)) {
    take(event);
    update({ black: false });
    return;
  }
  const { target } = event;
  const focused = /** @type {Element} */ (target);
  const dialog = focused.closest?.("[role=dialog], dialog");
  const found = actionOf(event, {
    presenting: fills(stage), inLesson: document.querySelector(".st-key-next_scene") !== null,
    typing: isTyping(target) || (dialog !== null && dialog !== undefined && event.key !== "?"),
    usesArrows: usesArrows(target),
    usesSpace: focused.matches?.("button, a, summary, input, [role=button], [tabindex]") && focused.matches(":focus-visible"),
    usesEscape: document.querySelector(OPEN) !== null,
  });
  if (!found || (!rootOfPage() && !["present", "list"].includes(found.act) && !found.act.endsWith("Scene"))) return;
  if (!found.repeated && !act(found.act, found.number)) return;
  take(event);
}

/** @param {Event} event */
function take(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}

/** Does what a key or a button says. @param {string} name @param {number} number @returns {boolean} whether there is such a thing here */
function act(name, number) {
  const stage = stageOf();
  const acts = /** @type {Record<string, () => unknown>} */ ({
    present: () => update({ present: !fills(stage), solo: null }),
    back: () => fills(stage) && update(stage.solo ? { solo: null } : { present: false }),
    panel: () => pick(panelsOf(rootOfPage())[number]),
    solo: () => showAlone(stage.solo ?? pointedAt()),
    controls: () => update({}, html.classList.toggle("gan-controls")),
    point: () => point.start(),
    black: () => update({ black: true }),
    list: () => { const list = tools.querySelector("dialog"); if (list.open) list.close(); else list.showModal(); },
  });
  if (!acts[name]) return perform(name);
  return acts[name]() !== false;
}

/** @param {string | undefined} name */
function pick(name) {
  if (!name) return false;
  keepPicks(toggled(panelsOf(rootOfPage()), picksOfPage(), name, panelsOfScene()));
  return update({ solo: null });
}

/** @param {string | null} name */
const showAlone = (name) => Boolean(name) && update({ solo: stageOf().solo ? null : name });

/** The panel under the pointer, or else with the focus. */
function pointedAt() {
  const panel = document.querySelector(".panel[data-panel]:hover") ?? document.activeElement?.closest(".panel[data-panel]");
  return /** @type {HTMLElement | null | undefined} */ (panel)?.dataset.panel ?? null;
}

/** A double click in a chart belongs to the chart, which resets its zoom. @param {MouseEvent} event */
function onDoubleClick({ target }) {
  const clicked = /** @type {Element} */ (target);
  const panel = /** @type {HTMLElement | null} */ (clicked.closest(".panel[data-panel]"));
  if (!panel || clicked.closest(`.plot, ${SPECIAL}`)) return;
  getSelection()?.removeAllRanges();
  showAlone(panel.dataset.panel ?? null);
}

// ---------------------------------------------------------------- the screen

/** @param {{ present: boolean, solo: string | null }} stage */
const fills = ({ present, solo }) => present || solo !== null;

/** Changes the stage of the page, and shows it. @param {Partial<import("./stage.js").Stage>} change @param {unknown} [_done] */
function update(change, _done) {
  const main = document.querySelector("[data-testid=stMain]");
  const before = main?.scrollTop ?? 0; // the page gets shorter with the first panel that is hidden
  setStage(change);
  const stage = stageOf();
  const root = rootOfPage();
  const full = fills(stage) && root !== null && hasPanels; // a page without panels stays as it is
  const turned = full !== html.classList.contains("gan-presenting");
  if (turned && full) scrolled = before;
  html.classList.toggle("gan-presenting", full);
  html.classList.toggle("gan-black", stage.black);
  if (turned && !full) {
    html.classList.remove("gan-controls");
    const goBack = () => { if (!html.classList.contains("gan-presenting")) main?.scrollTo(0, scrolled); };
    goBack();
    requestAnimationFrame(() => requestAnimationFrame(goBack)); // once the type has its size, and the page its height
  }
  html.style.setProperty("--gan-scale", String(scaleOf(window.innerWidth, window.innerHeight)));
  writeAddress(stage.present);
  if (tools) writeTools(tools, stage, root);
  placeBars();
  return true;
}

/** 1 in a window of 1920 x 1080, three quarters in one of 1280 x 720. @param {number} width @param {number} height */
export const scaleOf = (width, height) => Math.max(0.5, Math.min(2, 0.25 + width / 2560, 0.25 + height / 1440));

const isInAddress = () => new URLSearchParams(location.search).get("present") === "1";

function readAddress() {
  page = location.pathname;
  if (isInAddress()) update({ present: true });
}

/** Says in the address whether the page is in presentation mode: no new entry of the history. @param {boolean} present */
function writeAddress(present) {
  if (isInAddress() === present) return;
  const to = new URL(location.href);
  if (present) to.searchParams.set("present", "1");
  else to.searchParams.delete("present");
  history.replaceState(history.state, "", to);
}

// The bars stand above the panels, one under the other, and the controls left and right of them.
function placeBars() {
  barSizes.disconnect();
  const buttons = /** @type {HTMLElement | null} */ (tools?.querySelector(".tools"));
  const full = html.classList.contains("gan-presenting");
  html.classList.toggle("gan-in-lesson", document.querySelector(BARS[0]) !== null);
  let top = 0;
  for (const bar of BARS.flatMap((selector) => [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(selector))])) {
    barSizes.observe(bar);
    if (!full) continue;
    bar.style.setProperty("--bar-top", `${top}px`);
    bar.style.setProperty("--bar-right", `${top < (buttons?.offsetHeight ?? 0) ? buttons?.offsetWidth : 0}px`);
    top += bar.offsetHeight;
  }
  html.style.setProperty("--stage-top", `${full ? Math.max(top, buttons?.offsetHeight ?? 0) : 0}px`);
  const sides = sidesOf(rootOfPage());
  for (const [side, block] of Object.entries(sides)) {
    if (block) block.dataset.ganSide = side;
    const width = block && html.classList.contains("gan-controls") ? block.offsetWidth : 0;
    html.style.setProperty(`--stage-${side}`, `${width}px`);
  }
}

/** The blocks of the page that hold its controls. @param {Element | null} root @returns {Record<string, HTMLElement | null>} */
function sidesOf(root) {
  const column = root?.closest(".stColumn");
  const [left, right] = [column?.previousElementSibling, column?.nextElementSibling];
  return {
    left: /** @type {HTMLElement | null} */ (left ?? root?.closest(".st-key-beside") ?? null),
    right: /** @type {HTMLElement | null} */ (right ?? null),
  };
}
window.addEventListener("resize", () => update({}));
