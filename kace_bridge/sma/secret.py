"""Text that must never be shown: passwords, seeds, tokens."""

import hmac
from typing import Any, NoReturn, Self

MASK = "***"


class Secret:
    """A text that prints as ``***`` whichever way it is printed, and refuses to be pickled.

    Only ``reveal()`` gives the text, so every use is easy to find.
    """

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    @classmethod
    def of(cls, value: "str | Secret") -> "Secret":
        """*value*, wrapped unless it is a secret already."""
        return value if isinstance(value, Secret) else cls(value)

    def reveal(self) -> str:
        """The text itself: call it where the text leaves the program and nowhere else."""
        return self._text

    def __repr__(self) -> str:
        return f"Secret({MASK})"

    def __str__(self) -> str:
        return MASK

    def __format__(self, spec: str) -> str:
        return MASK

    def __bool__(self) -> bool:
        return bool(self._text)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        mine = self._text.encode("utf-8", "surrogatepass")
        return hmac.compare_digest(mine, other._text.encode("utf-8", "surrogatepass"))

    def __hash__(self) -> int:
        return hash((Secret, self._text))

    def __copy__(self) -> Self:
        return self

    def __deepcopy__(self, memo: Any) -> Self:
        del memo
        return self

    def __getstate__(self) -> NoReturn:
        raise TypeError("a Secret cannot be pickled: it would end up readable in a file")

    def __reduce_ex__(self, protocol: Any) -> NoReturn:
        del protocol
        raise TypeError("a Secret cannot be pickled: it would end up readable in a file")
