// @ts-check
// A sheet to draw data on: points in a plane, or a density over a line. The text that it makes is that of
// gan_core/drawn.py: four letters a point, one letter a bin.

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
const STEPS = 4096; // places across, and up
const BINS = 64, TOP = 63; // of a density
const FEWEST = 3, MOST = 1500; // points
const SPRAY = 4; // points for each move of the pointer
const SPREAD = 0.012; // of the sheet, around the pointer

/** @param {number[][]} points places across and up, 0 to STEPS - 1 */
export const pointsText = (points) => points.map(([across, up]) => {
  const number = across * STEPS + up;
  return [18, 12, 6, 0].map((shift) => LETTERS[(number >> shift) & 63]).join("");
}).join("");

/** @param {number[]} heights 0 to TOP */
export const sketchText = (heights) => heights.map((height) => LETTERS[height]).join("");

const HTML = `
  <canvas width="360" height="360" tabindex="0" role="img"
    aria-label="Drag to draw. Without a mouse: put points into the file or the box below."></canvas>
  <div class="tools">
    <button class="undo" type="button">Undo</button>
    <button class="clear" type="button">Clear</button>
    <button class="use" type="button">Play with this</button>
    <span class="count" role="status"></span>
  </div>`;

/** @type {WeakMap<Element, any>} */
const views = new WeakMap();

/** Streamlit calls this whenever the page is run. @param {any} component */
export async function render(component) {
  const parent = component.parentElement;
  let root = parent.querySelector(":scope > .gan-draw");
  if (!root) {
    root = parent.appendChild(document.createElement("div"));
    root.className = "gan-draw";
    root.innerHTML = HTML;
    views.set(root, newSheet(root, component.data.kind));
  }
  const sheet = views.get(root);
  sheet.tell = (/** @type {string} */ text) => component.setTriggerValue("drawn", text);
  return () => {};
}

/** @param {HTMLElement} root @param {"plane" | "line"} kind */
function newSheet(root, kind) {
  const canvas = /** @type {HTMLCanvasElement} */ (root.querySelector("canvas"));
  const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  const sheet = { tell: (/** @type {string} */ _text) => {} };
  /** @type {number[][]} */ let points = [];
  let heights = new Array(BINS).fill(0);
  /** @type {string[]} */ const before = []; // what Undo leads back to
  const state = () => JSON.stringify({ points, heights });
  const isPlane = kind === "plane";

  function paint() {
    const { width, height } = canvas;
    pen.clearRect(0, 0, width, height);
    pen.fillStyle = "#009e73";
    for (const [across, up] of points) pen.fillRect((across / STEPS) * width - 1.5, height - (up / STEPS) * height - 1.5, 3, 3);
    if (!isPlane) heights.forEach((tall, bin) => pen.fillRect((bin / BINS) * width, height - (tall / TOP) * height, width / BINS, height));
    const enough = isPlane ? points.length >= FEWEST : heights.some(Boolean);
    /** @type {HTMLButtonElement} */ (root.querySelector(".use")).disabled = !enough;
    /** @type {HTMLButtonElement} */ (root.querySelector(".undo")).disabled = !before.length;
    const said = isPlane ? `${points.length} of ${MOST} points` : "";
    /** @type {HTMLElement} */ (root.querySelector(".count")).textContent = said;
  }

  /** @param {PointerEvent} event */
  function draw(event) {
    const box = canvas.getBoundingClientRect();
    const [across, up] = [(event.clientX - box.left) / box.width, 1 - (event.clientY - box.top) / box.height];
    if (!isPlane) {
      const bin = Math.min(BINS - 1, Math.max(0, Math.floor(across * BINS)));
      heights[bin] = Math.min(TOP, Math.max(0, Math.round(up * TOP)));
    } else {
      for (let i = 0; i < SPRAY && points.length < MOST; i += 1) {
        const [x, y] = [across, up].map((at) => Math.floor((at + SPREAD * (2 * Math.random() - 1)) * STEPS));
        if (x >= 0 && x < STEPS && y >= 0 && y < STEPS) points.push([x, y]);
      }
    }
    paint();
  }

  canvas.addEventListener("pointerdown", (event) => {
    before.push(state());
    canvas.setPointerCapture(event.pointerId);
    draw(event);
  });
  canvas.addEventListener("pointermove", (event) => { if (canvas.hasPointerCapture(event.pointerId)) draw(event); });
  root.querySelector(".undo")?.addEventListener("click", () => {
    ({ points, heights } = JSON.parse(before.pop() ?? state()));
    paint();
  });
  root.querySelector(".clear")?.addEventListener("click", () => {
    before.push(state());
    points = [];
    heights = new Array(BINS).fill(0);
    paint();
  });
  root.querySelector(".use")?.addEventListener("click", () => sheet.tell(isPlane ? pointsText(points) : sketchText(heights)));
  paint();
  return sheet;
}
