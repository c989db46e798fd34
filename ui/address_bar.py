"""The browser's address and its Back button: one entry of the history for each page that is opened.

Streamlit adds an entry whenever the script writes a query parameter, so that Back would lead through every
slider and, after a scene, through its settings one by one. The script below lets such a write replace the
present entry. Two writes come at a wrong time: that of a new tab before the script below is there, so
`show_address` does it; and those on the way to another page, before the path is that page's. They would
end in the entry of the page before, and are left out: Streamlit repeats them together with the path.
"""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

_SCRIPT = """
const add = history.pushState.bind(history);
let leaving = false; // from a click on a link to another page until the path is that page's

function startToLeave(event) {
  const link = event.target.closest?.("a[href]");
  const inAnotherTab = link?.target === "_blank" || event.ctrlKey || event.metaKey || event.shiftKey;
  if (!link || link.download || inAnotherTab) return;
  leaving ||= link.origin === location.origin && link.pathname !== location.pathname;
}

// Keys begin and end presentation mode, and the script may not have heard of it yet: the address says which.
function withMode(query, isPage) {
  const mode = new URLSearchParams(location.search).get("present");
  if (mode === null && !isPage) query.delete("present");
  else if (mode !== null && query.get("present") !== mode) query.set("present", mode);
}

function addOrReplace(state, title, where) {
  const to = new URL(where, location.href);
  const isPage = to.pathname !== location.pathname;
  withMode(to.searchParams, isPage);
  if (isPage) add(state, title, to);
  else if (!leaving) history.replaceState(state, title, to);
  if (isPage) leaving = false;
}

if (!history.replacesQueries) {
  history.replacesQueries = true;
  history.pushState = addOrReplace;
  document.addEventListener("click", startToLeave, true);
  window.addEventListener("popstate", () => { leaving = false; });
}

export default function ({ data }) {
  if (!data || !location.pathname.endsWith(`/${data.page}`)) return;
  const query = new URLSearchParams(data.query);
  for (const [name, value] of new URLSearchParams(location.search)) {
    if (name.startsWith("embed")) query.append(name, value);
  }
  withMode(query, false);
  if (`?${query}` !== location.search) history.replaceState(history.state, "", `?${query}`);
}
"""
# Not isolated: a shadow root has a cost, and this component draws nothing.
_mount = st.components.v2.component("gan_address", js=_SCRIPT, isolate_styles=False)


def one_entry_a_page() -> None:
    """From here on only a change of the page adds an entry to the browser's history."""
    _mount(key="address_entries", data=None)


def show_address(page: str, parameters: dict[str, str]) -> None:
    """`parameters` in the address, as long as `page` is the one that is open."""
    _mount(key="address_bar", data={"page": page, "query": urlencode(parameters)})
