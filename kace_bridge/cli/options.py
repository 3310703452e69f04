"""What several commands share: options, the ticket argument, the exit codes in their help."""

from collections.abc import Callable
from typing import Any, TypeVar

import click

from kace_bridge.model.ids import TicketId

F = TypeVar("F", bound=Callable[..., Any])

json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object instead of text."
)
dry_run_option = click.option(
    "--dry-run", is_flag=True, help="Show what would be done, and do nothing."
)

_CODES = {
    0: "done",
    1: "some tickets failed; the rest went on",
    2: "the command line is wrong",
    4: "held for approval; nothing was applied",
    10: "there are changes to make",
    75: "try again later: the appliance is down, busy, or another run is at work",
    77: "the appliance refused the login",
    78: "the configuration has problems; each is named",
}


def exit_codes(*codes: int, **other: str) -> str:
    """An epilog naming *codes*; another meaning is given as ``_1="a test failed"``."""
    lines = [f"  {code:<3} {other.get(f'_{code}', _CODES[code])}" for code in codes]
    return "\n".join(["\b", "Exit codes:", *lines])


class TicketNumber(click.ParamType):  # type: ignore[type-arg]
    """``4411``, ``#4411``, ``TICK:4411`` or ``[TICK:4411]``, as they appear in mails and pages."""

    name = "ID"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> TicketId:
        if isinstance(value, int):
            return TicketId(value)
        text = str(value).strip().removeprefix("[").removesuffix("]")
        text = text.upper().removeprefix("TICK:").removeprefix("#")
        if not (text.isascii() and text.isdecimal()) or len(text) > 12 or int(text) == 0:
            self.fail(f"'{value}' is no ticket number; write 4411, #4411 or TICK:4411", param, ctx)
        return TicketId(int(text))


TICKET = TicketNumber()
