// @ts-check
// The list of keys, and the buttons for those who have a mouse in their hand.

import { BY_MOUSE, KEYS } from "./keytable.js";
import { panelsOf } from "./stage.js";

export const TOOLS_HTML = `
  <div class="tools">
    <span class="picks" role="group" aria-label="Panels"></span>
    <button type="button" class="sliders" data-act="controls" aria-label="Controls, key C" title="Controls">C</button>
    <button type="button" class="present" data-act="present"><span>Present </span><kbd>P</kbd></button>
    <button type="button" class="keys" data-act="list" aria-label="List of the keys" title="List of the keys">?</button>
  </div>
  <button type="button" class="gan-black" aria-label="Black screen. Any key leads back."></button>`;

export const LIST_HTML = `
  <dialog aria-labelledby="gan-keys-title">
    <header><h2 id="gan-keys-title">Keys</h2><button type="button" data-act="list">Close</button></header>
    <table><tbody>${KEYS.map(({ shown, said }) => `<tr><th scope="row"><kbd>${shown}</kbd></th><td>${said}</td></tr>`).join("")}</tbody></table>
    <p>${BY_MOUSE}</p>
    <p>A key does nothing while you type, and arrows move a slider that has the focus.</p>
  </dialog>`;

/** @param {HTMLElement} tools @param {import("./stage.js").Stage} stage @param {Element | null} root */
export function writeTools(tools, stage, root) {
  const full = stage.present || stage.solo !== null;
  tools.hidden = !root;
  const button = /** @type {HTMLElement} */ (tools.querySelector(".present"));
  button.title = full ? "Leave presentation mode" : "Presentation mode";
  button.setAttribute("aria-label", `${button.title}, key P`);
  button.setAttribute("aria-pressed", String(full));
  const shown = stage.solo ? [stage.solo] : stage.panels;
  const picks = /** @type {HTMLElement} */ (tools.querySelector(".picks"));
  const all = full ? panelsOf(root) : [];
  const signature = JSON.stringify([all, shown]);
  if (picks.dataset.signature === signature) return;
  picks.dataset.signature = signature;
  picks.replaceChildren(...all.slice(0, 8).map((name, number) => {
    const pick = document.createElement("button");
    const title = root?.querySelector(`.panel[data-panel="${CSS.escape(name)}"] h2`)?.textContent || name;
    Object.assign(pick, { type: "button", textContent: String(number + 1), title });
    Object.assign(pick.dataset, { act: "panel", number });
    pick.setAttribute("aria-label", `Panel ${number + 1}: ${title}`);
    pick.setAttribute("aria-pressed", String(shown.includes(name)));
    return pick;
  }));
}
