"""Log lines of this project: one line an event, on standard error, quiet unless GAN_LOG asks for more."""

from __future__ import annotations

import logging
import os
import sys

LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
OURS = ("gan_core", "ui")
FORMAT = "%(asctime)s %(levelname)s %(process)d %(name)s: %(message)s"


def configure() -> None:
    """Write the log of this process to standard error, from the level that GAN_LOG names; default: warning.

    Calling it twice does no harm. stdout is never used: in a trainer process it carries the reports.
    """
    wanted = os.environ.get("GAN_LOG", "warning").strip().lower()
    for name in OURS:
        logger = logging.getLogger(name)
        logger.setLevel(LEVELS.get(wanted, logging.WARNING))
        if not logger.handlers:
            handler = logging.StreamHandler(sys.stderr)
            handler.setFormatter(logging.Formatter(FORMAT))
            logger.addHandler(handler)
            logger.propagate = False
    if wanted not in LEVELS:
        said = "GAN_LOG = %r does not fit: it must be one of %s."
        logging.getLogger(OURS[0]).warning(said, wanted[:40], ", ".join(LEVELS))
