"""One thing looked at: how it stands and what to do about it."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from kace_bridge.errors import KaceBridgeError

Verdict = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class Check:
    """``cure`` says what to do; ``code`` is the exit code where this is the first error."""

    name: str
    verdict: Verdict
    what: str
    cure: str = ""
    code: int = 1


def ok(name: str, what: str, cure: str = "") -> Check:
    """Nothing to do; *cure* may say how to learn more."""
    return Check(name, "ok", what, cure)


def warning(name: str, what: str, cure: str) -> Check:
    """It works, and somebody should look."""
    return Check(name, "warning", what, cure)


def error(name: str, what: str, cure: str, code: int = 1) -> Check:
    """It does not work."""
    return Check(name, "error", what, cure, code)


def exit_code(checks: Iterable[Check]) -> int:
    """0 without errors, else the code of the first."""
    return next((check.code for check in checks if check.verdict == "error"), 0)


def guarded(name: str, look: Callable[[], Iterable[Check]]) -> Iterator[Check]:
    """The checks of *look*; an error raised meanwhile becomes one more, named *name*."""
    try:
        yield from look()
    except KaceBridgeError as fault:
        what, _, cure = str(fault).partition("; ")
        yield error(name, what, cure, fault.exit_code)
