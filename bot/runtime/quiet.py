"""What must be set before Rasa is imported: no telemetry, no Sentry, and no message text in any log.

Rasa logs message text at several places, and its structlog prints DEBUG until somebody configures it. So third-party loggers are
held at CRITICAL and their records are stripped of everything but logger and level; only `handrail.*` loggers speak.
"""

from __future__ import annotations

import logging
import os
import sys
import warnings

import numpy
import structlog

from bot.runtime import stand_ins

OURS = "handrail"
_done = False


class OnlyOurs(logging.Filter):
    """Drops every record of a logger that is not ours: others have been seen to print message text."""

    def filter(self, record: logging.LogRecord) -> bool:
        return record.name == OURS or record.name.startswith((OURS + ".", "uvicorn.error"))


def prepare(show_rasa_logs: bool = False) -> None:
    """Configure logging, warnings, telemetry and stand-ins. Must run before the first import of Rasa.

    `show_rasa_logs` lets Rasa's own command-line tools print their progress; the live service never sets it.
    """
    global _done
    if _done:
        return
    _done = True
    os.environ["RASA_TELEMETRY_ENABLED"] = "false"
    os.environ["RASA_TELEMETRY_DEBUG"] = "false"
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1")
    warnings.showwarning = lambda *args, **kwargs: None  # Rasa resets the filters; staff need none of these
    level = logging.INFO if show_rasa_logs else logging.CRITICAL
    structlog.configure(
        processors=[structlog.processors.add_log_level, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
        cache_logger_on_first_use=False,
    )
    if not show_rasa_logs:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
        handler.addFilter(OnlyOurs())
        logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
        logging.lastResort = None
    stand_ins.install()
    if not hasattr(numpy, "VisibleDeprecationWarning"):  # moved in NumPy 2; Rasa names it at module top level
        numpy.VisibleDeprecationWarning = numpy.exceptions.VisibleDeprecationWarning  # type: ignore[attr-defined]
