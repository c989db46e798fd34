// The board's connection to its run: see ui/stream.py for the messages. It is opened again whenever it breaks,
// after a wait that doubles and differs from browser to browser, so that sixty do not come back at once.

import { decode, patched, shifted } from "./frames.js";

const FIRST_WAIT = 500; // ms until the first try after a break
const LONGEST_WAIT = 10_000;
const SILENCE = 15_000; // ms without a word from a server that sends one every five seconds
const REASONS = {
  4403: "This run is not shared. Whose it is may share it.",
  4404: "This run is no longer there. Reload the page to begin a new one.",
};
const CUT = "Connection lost. What you see is the last picture; trying again …";

// `url()`: where to connect. `show(frame)` is called with each new frame, `tell(sentence)` with what the viewer
// should know of the connection, "" when it stands. Returns { seek(wish), retry(), close() }.
export function openStream({ url, show, tell }) {
  const state = { socket: null, timer: 0, silence: 0, tries: 0, closed: false };
  let [header, pixels, real] = [null, null, new Uint8Array()]; // of the live picture on the screen

  function connect() {
    clearTimeout(state.timer);
    const socket = new WebSocket(url());
    socket.binaryType = "arraybuffer";
    state.socket = socket;
    let turn = Promise.resolve(); // messages are unpacked one after the other
    socket.onmessage = ({ data }) => {
      listen();
      if (typeof data === "string") return;
      turn = turn.then(() => take(socket, new Uint8Array(data))).catch((error) => {
        console.error(error);
        socket.close(); // a frame that cannot be read: begin anew, with a whole one
      });
    };
    socket.onclose = ({ code }) => {
      if (state.socket !== socket || state.closed) return;
      tell(REASONS[code] ?? CUT);
      wait();
    };
    listen();
  }

  async function take(socket, bytes) {
    const { header: status, payload } = decode(bytes);
    const body = payload.length ? decode(await inflated(payload)) : null;
    if (state.socket !== socket || state.closed) return;
    if (status.body === "real") {
      real = body.payload;
      return;
    }
    if (status.body === "full") [header, pixels] = [body.header, body.payload];
    if (status.body === "patch") {
      [header, pixels] = [patched(header, body.header.patch), shifted(pixels, body.payload)];
    }
    state.tries = 0;
    tell("");
    show({ ...header, ...status, pixels, real });
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify({ ack: status.frame }));
  }

  function listen() { // a broken network may say nothing at all
    clearTimeout(state.silence);
    state.silence = setTimeout(() => state.socket?.close(), SILENCE);
  }

  function wait() {
    const pause = Math.min(LONGEST_WAIT, FIRST_WAIT * 2 ** state.tries) * (0.5 + Math.random());
    state.tries += 1;
    clearTimeout(state.silence);
    clearTimeout(state.timer);
    state.timer = setTimeout(connect, pause);
  }

  function retry() { // the server has just answered otherwise: no need to wait
    if (!state.closed && state.socket?.readyState > WebSocket.OPEN) connect();
  }

  window.addEventListener("online", retry);
  connect();
  return {
    retry,
    seek: (wish) => {
      if (state.socket?.readyState !== WebSocket.OPEN) return;
      state.socket.send(JSON.stringify(wish ? { seek: wish.step, game: wish.game } : { seek: null }));
    },
    close: () => {
      state.closed = true;
      window.removeEventListener("online", retry);
      clearTimeout(state.timer);
      clearTimeout(state.silence);
      state.socket?.close();
    },
  };
}

// The browser unpacks beside the page, not in it.
async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
