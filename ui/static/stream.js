// The board's connection to its run: see ui/stream.py for the messages.

import { decode, patched, shifted } from "./frames.js";
import { inflated, openLine } from "./line.js";

const REASONS = {
  4403: "This run is not shared. Ask its owner to share it.",
  4404: "This run is no longer there. Reload the page to begin a new one.",
  4429: "This browser shows the run too often. Close some of its tabs, then reload this page.",
};
const CUT = "Connection lost. What you see is the last picture; trying again …";

// `url()`: where to connect. `show(frame)` is called with each new frame, `tell(sentence)` with what the viewer
// should know of the connection, "" when it stands. Returns { seek(wish), retry(), close() }.
export function openStream({ url, show, tell }) {
  let [header, pixels, real] = [null, null, new Uint8Array()]; // of the live picture on the screen

  async function take(data, isCurrent) {
    if (typeof data === "string") return; // a heartbeat
    const { header: status, payload } = decode(new Uint8Array(data));
    const body = payload.length ? decode(await inflated(payload)) : null;
    if (!isCurrent()) return;
    if (status.body === "real") {
      real = body.payload;
      return;
    }
    if (status.body === "full") [header, pixels] = [body.header, body.payload];
    if (status.body === "patch") {
      [header, pixels] = [patched(header, body.header.patch), shifted(pixels, body.payload)];
    }
    tell("");
    show({ ...header, ...status, pixels, real });
    line.send({ ack: status.frame });
  }

  const line = openLine({ url, take, closed: (code) => { tell(REASONS[code] ?? CUT); return true; } });
  return {
    retry: line.retry,
    seek: (wish) => line.send(wish ? { seek: wish.step, game: wish.game } : { seek: null }),
    close: line.close,
  };
}
