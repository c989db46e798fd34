// @ts-check
// Streamlit's button shortcuts are silent while a slider has the focus, since a slider is an input: a
// teacher who has just moved one would press K in vain. Here they are passed on to the same buttons.

const BUTTON_OF = { k: ".st-key-play button", s: ".st-key-step button" };

// Returns a function that stops listening.
export function keysOverSliders() {
  const pass = (event) => {
    if (event.target.type !== "range" || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const selector = BUTTON_OF[event.key.toLowerCase()];
    const button = selector && document.querySelector(selector);
    if (!button || button.disabled) return;
    event.preventDefault();
    button.click();
  };
  window.addEventListener("keydown", pass);
  return () => window.removeEventListener("keydown", pass);
}
