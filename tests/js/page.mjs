// @ts-check
// What the modules of ui/static ask of a browser: elements, and a clock that a test moves by hand.

/** An element: it holds what a module sets, and its listeners are called by `fire`. */
export class Element {
  /** @type {any} */ value = "";
  /** @type {any} */ dataset = {};
  /** @type {Record<string, string>} */ attributes = {};
  /** @type {Record<string, string>} */ properties = {}; // of its style
  /** @type {Record<string, ((event: any) => void)[]>} */ listeners = {};
  /** @type {Set<string>} */ classes = new Set();
  textContent = "";
  hidden = false;
  disabled = false;
  max = 0;

  style = { setProperty: (/** @type {string} */ name, /** @type {string} */ value) => { this.properties[name] = value; } };

  classList = {
    toggle: (/** @type {string} */ name, /** @type {boolean} */ on) => (
      on ? this.classes.add(name) : this.classes.delete(name)),
  };

  setAttribute(/** @type {string} */ name, /** @type {any} */ value) { this.attributes[name] = String(value); }

  addEventListener(/** @type {string} */ kind, /** @type {(event: any) => void} */ act) {
    (this.listeners[kind] ??= []).push(act);
  }

  fire(/** @type {string} */ kind, event = {}) { for (const act of this.listeners[kind] ?? []) act(event); }
}

/** A root whose `querySelector` knows these selectors: one element for each, also under `parts`. */
export function rootOf(/** @type {string[]} */ ...selectors) {
  const parts = Object.fromEntries(selectors.map((selector) => [selector, new Element()]));
  const querySelector = (/** @type {string} */ selector) => parts[selector] ?? null;
  return Object.assign(new Element(), { parts, querySelector });
}

/** Sets global names for one test. */
export function globals(/** @type {any} */ context, /** @type {any} */ names) {
  const all = /** @type {any} */ (globalThis);
  const before = Object.keys(names).map((name) => [name, all[name]]);
  Object.assign(all, names);
  context.after(() => Object.assign(all, Object.fromEntries(before)));
}

/** The time of one test: timers and animation frames come when `wait` is called, and not before. */
export class Clock {
  now = 1000;
  tickets = 0;
  /** @type {Map<number, { at: number, act: (time: number) => void }>} */ asked = new Map();

  constructor(/** @type {any} */ context) {
    const cancel = (/** @type {number} */ ticket) => this.asked.delete(ticket);
    context.mock.method(performance, "now", () => this.now);
    globals(context, {
      setTimeout: (/** @type {any} */ act, ms = 0) => this.#ask(act, this.now + ms),
      requestAnimationFrame: (/** @type {any} */ act) => this.#ask(act, 0), // with the next frame, whenever it comes
      clearTimeout: cancel,
      cancelAnimationFrame: cancel,
    });
  }

  /** Lets `ms` pass; what is due then is called once. */
  wait(/** @type {number} */ ms) {
    this.now += ms;
    const due = [...this.asked].filter(([, { at }]) => at <= this.now);
    for (const [ticket, { act }] of due) if (this.asked.delete(ticket)) act(this.now);
  }

  #ask(/** @type {any} */ act, /** @type {number} */ at) {
    this.asked.set(this.tickets += 1, { at, act });
    return this.tickets;
  }
}
