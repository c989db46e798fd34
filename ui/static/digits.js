// @ts-check
// The two sheets of digits on the board: what G makes, and real ones beside it.

import { leanOf, scaleOf, unitOf, verdictSaid } from "./verdicts.js";

const REAL = [0, 210, 150]; // Okabe-Ito green, lighter: it colours thin strokes on black
const GENERATED = [255, 105, 0]; // Okabe-Ito vermillion, lighter
const UNDECIDED = 170; // grey
const SIDE = 28; // an MNIST digit is 28 x 28
const ROOM_FOR_A_NUMBER = 30; // px: on a smaller tile the number would hide the digit

// Draws both sheets as large as `body` allows. `grey`: the pixels of the `generated` and the `real` digits.
export function drawDigits(body, digits, grey, showVerdicts) {
  const { rows, columns, count, real_count: realCount } = digits;
  const realColumns = Math.ceil(realCount / rows);
  const style = getComputedStyle(body);
  const [gap, em] = [parseFloat(style.columnGap), parseFloat(style.fontSize)];
  const tile = Math.floor(Math.min( // what the frames and their captions take is in board.css
    (body.clientHeight - 6 - 1.2 * em) / rows, (body.clientWidth - gap - 16) / (columns + realColumns)));
  if (tile < 1) return;
  const [scale, unit] = [scaleOf(digits), unitOf(digits.axis)];
  const said = (output) => verdictSaid(digits.axis, output);
  const sheet = (kind, pixels, number, width, verdicts) => drawSheet(
    body.querySelector(`[data-digits=${kind}]`), pixels,
    { tile, number, rows, columns: width, verdicts: showVerdicts ? verdicts : null, scale, said, unit });
  sheet("generated", grey.generated, count, columns, digits.verdicts);
  sheet("real", grey.real, realCount, realColumns, digits.real_verdicts);
}

function drawSheet(canvas, grey, { tile, number, rows, columns, verdicts, scale, said, unit }) {
  const ratio = window.devicePixelRatio || 1;
  const edge = Math.round(tile * ratio); // of one digit, in device pixels
  if (canvas.width !== edge * columns || canvas.height !== edge * rows) {
    Object.assign(canvas, { width: edge * columns, height: edge * rows });
    Object.assign(canvas.style, { width: `${tile * columns}px`, height: `${tile * rows}px` });
  }
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.imageSmoothingQuality = "high"; // digits are often shown smaller than 28 px
  pen.font = `600 ${Math.max(11, tile * 0.32) * ratio}px sans-serif`;
  Object.assign(pen, { textAlign: "right", textBaseline: "bottom", lineWidth: 2 * ratio, lineJoin: "round" });
  const strip = stripOf(grey, Math.max(1, number)); // before the first snapshot there are none
  for (let i = 0; i < number; i += 1) {
    const [x, y] = [(i % columns) * edge, Math.floor(i / columns) * edge];
    pen.drawImage(strip, 0, i * SIDE, SIDE, SIDE, x, y, edge - 1, edge - 1);
    if (verdicts?.[i] === undefined) continue;
    tint(pen, x, y, edge - 1, leanOf(scale, verdicts[i]));
    if (tile >= ROOM_FOR_A_NUMBER) writeNumber(pen, x + edge - 2 * ratio, y + edge, said(verdicts[i]));
  }
  canvas.onmousemove = ({ offsetX, offsetY }) => {
    const output = verdicts?.[Math.floor(offsetY / tile) * columns + Math.floor(offsetX / tile)];
    canvas.title = output === undefined ? "" : `D says ${said(output)}${unit}`;
  };
}

// All digits below one another at their own size, for drawImage to scale.
function stripOf(grey, number) {
  const strip = new OffscreenCanvas(SIDE, SIDE * number);
  const image = new ImageData(SIDE, SIDE * number);
  const rgba = new Uint32Array(image.data.buffer); // little-endian: opaque alpha is the highest byte
  for (let i = 0; i < rgba.length; i += 1) rgba[i] = 0xff000000 | (grey[i] * 0x010101);
  strip.getContext("2d").putImageData(image, 0, 0);
  return strip;
}

// Colours the ink: above 0, where D takes a digit for real, green; below it, for generated, vermillion; at it, grey.
function tint(pen, x, y, edge, lean) {
  const strength = Math.sqrt(Math.abs(lean)); // small leanings should show, too
  const color = (lean > 0 ? REAL : GENERATED).map((full) => UNDECIDED + strength * (full - UNDECIDED));
  pen.globalCompositeOperation = "multiply";
  pen.fillStyle = `rgb(${color})`;
  pen.fillRect(x, y, edge, edge);
  pen.globalCompositeOperation = "source-over";
}

function writeNumber(pen, right, bottom, text) {
  pen.strokeStyle = "black";
  pen.fillStyle = "white";
  pen.strokeText(text, right, bottom);
  pen.fillText(text, right, bottom);
}
