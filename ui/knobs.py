"""Sliders of the theory pages."""

from __future__ import annotations

from typing import Any

import streamlit as st

from gan_core.parameters.knobs import Knob


def knob_slider(name: str, knob: Knob) -> Any:
    """The slider, bound to the address under `name`; its value."""
    kind = {"min_value": knob.low, "max_value": knob.high, "value": knob.default, "step": knob.step}
    return st.slider(knob.label, **kind, key=name, help=knob.help, bind="query-params")  # type: ignore[call-overload]
