// @ts-check
// 3-D charts: another process draws them. Here ours is kept from waiting for it.

const known = new WeakSet(); // 3-D plots, and kinds of things in them, that have been prepared
const watched = new WeakSet(); // graphics contexts whose chart is under the pointer

// After a chart has been drawn: nothing for a flat one.
export function drawAhead(node) {
  const { glplot } = node._fullLayout.scene?._scene ?? {};
  if (!glplot) return;
  once(glplot, () => readUnderPointer(node, glplot));
  for (const item of glplot.objects) once(Object.getPrototypeOf(item), drawUnderPointer);
  glplot.gl.flush(); // begun now, and not only when the page is painted
}

function once(thing, prepare) {
  if (known.has(thing)) return;
  known.add(thing);
  prepare(thing);
}

// To know what lies under the pointer, Plotly draws a second picture each time, and waits until it can read it:
// pointer or not. These two leave it out where there is none, and have it made when one comes.
function readUnderPointer(node, glplot) {
  const { gl } = glplot;
  const { readPixels } = gl;
  gl.readPixels = (...rest) => { if (watched.has(gl)) readPixels.apply(gl, rest); };
  node.addEventListener("pointerenter", () => {
    watched.add(gl);
    glplot.update();
    glplot.redraw(); // at once: what comes next looks it up
  });
  node.addEventListener("pointerleave", () => watched.delete(gl));
  if (node.matches(":hover")) watched.add(gl);
}

function drawUnderPointer(kind) {
  const { drawPick } = kind;
  if (!drawPick) return;
  kind.drawPick = function (...rest) { if (watched.has(this.gl)) drawPick.apply(this, rest); };
}
