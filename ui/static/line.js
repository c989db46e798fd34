// @ts-check
// A WebSocket of this app. It is opened again whenever it breaks, after a wait that doubles and differs from browser
// to browser, so that sixty do not come back at once.

const FIRST_WAIT = 500; // ms until the first try after a break
const LONGEST_WAIT = 10_000;
const SILENCE = 15_000; // ms without a word from a server that sends one every five seconds

/** The address of a route of this app, from a file in `assets`.
 * @param {string} path @returns {string} */
export function addressOf(path) {
  const address = new URL(`../../${path}`, import.meta.url);
  address.protocol = address.protocol.replace("http", "ws");
  return address.href;
}

/** `take(data, isCurrent)` is called with one message after the other, and may take its time; where it fails, the line
 * begins anew. `closed(code)` says whether to try again.
 * @param {{ url: () => string, take: (data: any, isCurrent: () => boolean) => any, closed: (code: number) => boolean }} how */
export function openLine({ url, take, closed }) {
  /** @type {{ socket: WebSocket | null, timer: any, silence: any, tries: number, closed: boolean }} */
  const state = { socket: null, timer: 0, silence: 0, tries: 0, closed: false };

  function connect() {
    clearTimeout(state.timer);
    const socket = new WebSocket(url());
    socket.binaryType = "arraybuffer";
    state.socket = socket;
    const isCurrent = () => state.socket === socket && !state.closed;
    let turn = Promise.resolve(); // messages are taken one after the other
    socket.onmessage = ({ data }) => {
      listen();
      turn = turn.then(() => take(data, isCurrent)).then(() => { state.tries = 0; }).catch((error) => {
        console.error(error);
        socket.close(); // a message that cannot be read: begin anew
      });
    };
    socket.onclose = ({ code }) => {
      if (isCurrent() && closed(code)) wait();
    };
    listen();
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
    if (!state.closed && state.socket && state.socket.readyState > WebSocket.OPEN) connect();
  }

  window.addEventListener("online", retry);
  connect();
  return {
    retry,
    /** @param {any} said */
    send: (said) => {
      if (state.socket?.readyState === WebSocket.OPEN) state.socket.send(JSON.stringify(said));
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

/** Unpacks what the server has compressed; the browser does it beside the page, not in it.
 * @param {BufferSource} bytes @returns {Promise<Uint8Array>} */
export async function inflated(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
