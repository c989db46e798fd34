// @ts-check
// The pointer: while its key is held, a spot follows the mouse, here and on the screens of who follows.

const GAP = 50; // ms between two reports

/** Returns { start(), stop() }. */
export function pointWith() {
  /** @type {HTMLElement | null} */ let spot = null;
  /** @type {MouseEvent | null} */ let mouse = null;
  let [toldAt, timer] = [0, 0];

  function show() {
    if (!spot || !mouse) return;
    spot.style.left = `${mouse.clientX}px`;
    spot.style.top = `${mouse.clientY}px`;
    if (!timer) timer = window.setTimeout(tell, Math.max(0, toldAt + GAP - performance.now()));
  }

  function tell() {
    [toldAt, timer] = [performance.now(), 0];
    if (spot && mouse) report(pointAt(mouse));
  }

  window.addEventListener("mousemove", (event) => {
    mouse = event;
    show();
  }, true);

  return {
    start() {
      if (spot) return;
      spot = document.body.appendChild(document.createElement("div"));
      spot.className = "gan-spot here";
      show();
    },
    stop() {
      if (!spot) return;
      spot.remove();
      spot = null;
      clearTimeout(timer);
      timer = 0;
      report(null);
    },
  };
}

/** @param {import("./stage.js").Point | null} detail */
const report = (detail) => window.dispatchEvent(new CustomEvent("gan-pointer", { detail }));

/** Where the mouse is on the panel under it. @param {MouseEvent} mouse @returns {import("./stage.js").Point | null} */
function pointAt({ clientX, clientY }) {
  const panel = /** @type {HTMLElement | null | undefined} */ (
    document.elementFromPoint(clientX, clientY)?.closest(".panel[data-panel]"));
  if (!panel) return null;
  const box = panel.getBoundingClientRect();
  return { panel: panel.dataset.panel ?? "", x: (clientX - box.left) / box.width, y: (clientY - box.top) / box.height };
}
