"""Text that is never shown by accident."""


class Secret(str):
    """A str whose repr is masked, so that a value holding it can be logged or raised.

    A delivery must carry its server's password; a traceback or a debug log must not.
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return "'**********'"
