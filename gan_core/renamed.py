"""Settings that links, folders and logs of earlier versions call otherwise."""

from __future__ import annotations

RENAMED = {"generator_loss": "objective", "update_order": "rule"}
"""Then: now."""
