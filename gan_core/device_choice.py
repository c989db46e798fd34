"""What the person who starts the app says of the device that games are trained on."""

from __future__ import annotations

import os
from collections.abc import Mapping

DEVICE = "GAN_DEVICE"
CHOICES = ("auto", "cpu")


def choice(environment: Mapping[str, str] = os.environ) -> str:
    """GAN_DEVICE, "auto" unless told. Raises ValueError, one sentence, for anything but CHOICES."""
    told = environment.get(DEVICE, "auto").strip()
    if told not in CHOICES:
        raise ValueError(f"{DEVICE} = {told[:40]!r} does not fit: it must be auto or cpu.")
    return told
