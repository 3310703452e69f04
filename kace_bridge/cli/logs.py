"""The log on stderr: one event per line with its fields, safe for a terminal."""

import logging
import sys

from kace_bridge.model.text import clean_line

_LEVELS = {-1: logging.ERROR, 0: logging.WARNING, 1: logging.INFO, 2: logging.DEBUG}
_OWN = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


class EventFormatter(logging.Formatter):
    """``warning: a history row cannot be read  ticket=41``."""

    def format(self, record: logging.LogRecord) -> str:
        fields = [f"{key}={value}" for key, value in vars(record).items() if key not in _OWN]
        line = f"{record.levelname.lower()}: {record.getMessage()}"
        return clean_line("  ".join([line, *fields]), 500)


class StderrHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to whatever stderr is now, not what it was at start."""

    @property
    def stream(self) -> object:
        return sys.stderr

    @stream.setter
    def stream(self, value: object) -> None:
        del value


def start_logging(verbosity: int) -> None:
    """Show events from this level up; calling it again changes the level only."""
    log = logging.getLogger("kace_bridge")
    log.setLevel(_LEVELS[max(-1, min(verbosity, 2))])
    log.propagate = False
    if not log.handlers:
        handler = StderrHandler()
        handler.setFormatter(EventFormatter())
        log.addHandler(handler)
