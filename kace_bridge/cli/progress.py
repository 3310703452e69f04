"""Progress on stderr: only on a terminal, and only once a run takes longer than a moment."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.status import Status

PATIENCE_S = 1.0
_WORDS = {
    "read": "tickets read", "due": "due tickets read", "apply": "tickets written",
    "send": "messages sent",
}  # fmt: skip
Listener = Callable[[str, int], None]


def _ignore(step: str, done: int) -> None:
    del step, done


@contextmanager
def show_progress(
    *, enabled: bool = True, monotonic: Callable[[], float] = time.monotonic
) -> Iterator[Listener]:
    """A listener for ``sync``; silent where nobody watches."""
    if not enabled or not sys.stderr.isatty():
        yield _ignore
        return
    display = _Display(monotonic)
    try:
        yield display.advance
    finally:
        display.close()


class _Display:
    """Counts from the start; loads rich only when there is something to show."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._began = monotonic()
        self._done: dict[str, int] = {}
        self._status: Status | None = None

    def advance(self, step: str, done: int) -> None:
        self._done[step] = self._done.get(step, 0) + done
        if self._status is None:
            if self._monotonic() - self._began < PATIENCE_S:
                return
            import click
            from rich.console import Console

            context = click.get_current_context(silent=True)
            plain = context is not None and context.color is False
            self._status = Console(stderr=True, no_color=plain).status("")
            self._status.start()
        said = (
            f"{number} {_WORDS.get(name, name)}" for name, number in self._done.items() if number
        )
        self._status.update(", ".join(said))

    @property
    def text(self) -> str | None:
        """What is shown; None while nothing is."""
        return None if self._status is None else str(self._status.status)

    def close(self) -> None:
        if self._status is not None:
            self._status.stop()
