// @ts-check
// 3-D charts are drawn by the graphics process. This file keeps the page from waiting for it.

const known = new WeakSet(); // 3-D plots, and kinds of things in them, that have been prepared
const watched = new WeakSet(); // graphics contexts whose chart is under the pointer

// To be called after a chart has been drawn; does nothing for a flat one.
export function drawAhead(node) {
  const { glplot } = node._fullLayout.scene?._scene ?? {};
  if (!glplot) return;
  once(glplot, () => readUnderPointer(node, glplot));
  for (const item of glplot.objects) once(Object.getPrototypeOf(item), drawUnderPointer);
  glplot.gl.flush(); // starts the drawing now, not when the page is painted
}

function once(thing, prepare) {
  if (known.has(thing)) return;
  known.add(thing);
  prepare(thing);
}

// Plotly draws a second picture each time and waits to read it, to find the point under the pointer. These two
// functions skip it while the pointer is elsewhere, and draw it when the pointer enters.
function readUnderPointer(node, glplot) {
  const { gl } = glplot;
  const { readPixels } = gl;
  gl.readPixels = (...rest) => { if (watched.has(gl)) readPixels.apply(gl, rest); };
  node.addEventListener("pointerenter", () => {
    watched.add(gl);
    glplot.update();
    glplot.redraw(); // now, because the event handler that follows reads it
  });
  node.addEventListener("pointerleave", () => watched.delete(gl));
  if (node.matches(":hover")) watched.add(gl);
}

function drawUnderPointer(kind) {
  const { drawPick } = kind;
  if (!drawPick) return;
  kind.drawPick = function (...rest) { if (watched.has(this.gl)) drawPick.apply(this, rest); };
}
