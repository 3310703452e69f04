"""Reading what an admin wrote beside an operator: strict, with a cure for every refusal."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from kace_bridge.rules.fields._registry import Kind
from kace_bridge.rules.issue import Unfit, suggest
from kace_bridge.rules.operators._registry import Slot
from kace_bridge.rules.words import fold, loose_ends
from kace_bridge.sla.duration import parse_duration

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


@dataclass(frozen=True, slots=True)
class Moment:
    """A date an admin wrote. A day without a time means all of that day, in the ticket's zone."""

    start: datetime
    whole_day: bool

    def place(self, instant: datetime, zone: tzinfo) -> int:
        """-1, 0 or 1: *instant* is before, at (or on the day), after this moment."""
        start = self.start if self.start.tzinfo else self.start.replace(tzinfo=zone)
        if instant < start:
            return -1
        if not self.whole_day:
            return int(instant > start)
        end = (self.start + timedelta(days=1)).replace(tzinfo=start.tzinfo)
        return int(instant >= end)


def read_text(raw: object, slot: Slot) -> str:
    """A text that is not blank."""
    if isinstance(raw, str) and fold(raw).strip():
        return raw
    if isinstance(raw, bool | int | float):
        raise Unfit(f"expected text, found {show(raw)}", f'Quote it: "{show(raw)}".')
    if isinstance(raw, str) or raw is None:
        raise Unfit("expected text, found nothing", f"Write {slot.field.name}: {{empty: true}}.")
    listed = isinstance(raw, list | tuple) and slot.operator in ("is", "is_not")
    cure = f"Several values stand beside '{'in' if slot.operator == 'is' else 'not_in'}'."
    raise Unfit(f"expected text, found a {_shape(raw)}", cure if listed else "")


def read_texts(raw: object, slot: Slot) -> tuple[str, ...]:
    """One text or a list of them."""
    return tuple(read_text(each, slot) for each in read_some(raw))


def read_keywords(raw: object, slot: Slot) -> tuple[str, ...]:
    """Words or phrases to be found as whole words."""
    words = read_texts(raw, slot)
    for word in words:
        if ends := loose_ends(word):
            raise Unfit(
                f"'{word}' cannot be found as a word: '{ends}' is part of no word",
                f'Write {{contains: "{word}"}} to find it anywhere in the text.',
            )
    return words


def read_value(raw: object, slot: Slot) -> object:
    """One value of the field's own kind."""
    kind = slot.field.kind
    if kind is Kind.NUMBER:
        return read_number(raw)
    if kind is Kind.DATE:
        return read_moment(raw)
    return check_name(read_text(raw, slot), slot)


def read_values(raw: object, slot: Slot) -> tuple[object, ...]:
    """A list of values of the field's own kind."""
    if not isinstance(raw, list | tuple):
        raise Unfit(f"'{slot.operator}' needs a list", f"Write [{show(raw)}].")
    return tuple(read_value(each, slot) for each in read_some(raw))


def read_bound(raw: object, slot: Slot) -> object:
    """A value the field can be ranked against."""
    kind = slot.field.kind
    if kind is Kind.DURATION:
        return read_span(raw, slot)
    if kind is Kind.CUSTOM:
        return read_moment(raw) if isinstance(raw, str) else read_number(raw)
    return read_value(raw, slot)


def read_bounds(raw: object, slot: Slot) -> tuple[object, object]:
    """The lower and the upper end of a range."""
    if not isinstance(raw, list | tuple) or len(raw) != 2:
        raise Unfit(f"'{slot.operator}' needs two values", "Write [lowest, highest].")
    low, high = (read_bound(each, slot) for each in raw)
    if _swapped(low, high):
        raise Unfit(
            f"the range begins after its end: {show(raw)}",
            f"Write [{show(raw[1])}, {show(raw[0])}].",
        )
    return low, high


def read_number(raw: object) -> int | float:
    """A number; quoted ones are refused, so that nothing is guessed."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        return raw
    raise Unfit(f"expected a number, found {show(raw)}", "Write it without quotes, as in 14.")


def read_moment(raw: object) -> Moment:
    """A date, or a date and time, in the ISO form."""
    if isinstance(raw, str):
        try:
            found = datetime.fromisoformat(raw.strip())
        except ValueError:
            found = None
        # Year 9999 has no day after its last one.
        if found is not None and 1 < found.year < 9999:
            return Moment(found, bool(_DAY.fullmatch(raw.strip())))
    raise Unfit(f"expected a date, found {show(raw)}", 'Write "2026-03-02" or "2026-03-02T17:00".')


def read_span(raw: object, slot: Slot) -> timedelta:
    """A stretch of calendar time: ``30m``, ``4h``, ``2d``, ``1w``.

    A clock's own hours may be written as working hours (``4bh``), which is what they are.
    """
    cure = "Write 30m, 4h, 2d or 1w; ten years at most."
    if not isinstance(raw, str):
        raise Unfit(f"expected a duration, found {show(raw)}", cure)
    try:
        found = parse_duration(raw)
    except ValueError:
        raise Unfit(f"expected a duration, found '{raw}'", cure) from None
    on_clock = slot.field.name.startswith("clock.") and found.unit != "bd"
    if found.is_business and not on_clock:
        raise Unfit(
            f"'{raw}' is working time, and '{slot.operator}' counts hours as they pass",
            "Write hours or days (4h, 2d), or ask a clock, which counts working time.",
        )
    return found.nominal


def read_flag(raw: object, slot: Slot) -> bool:
    """true or false."""
    if isinstance(raw, bool):
        return raw
    raise Unfit(f"'{slot.operator}' needs true or false, found {show(raw)}")


def read_teams(raw: object, slot: Slot) -> tuple[str, ...]:
    """One or more names of configured teams."""
    names = read_texts(raw, slot)
    return _refuse_absent(names, slot.known.teams, "team")


def read_groups(raw: object, slot: Slot) -> tuple[str, ...]:
    """One or more names of configured groups."""
    names = read_texts(raw, slot)
    return _refuse_absent(names, slot.known.groups, "group")


def read_some(raw: object) -> list[object]:
    """*raw* as a list that is not empty."""
    found = list(raw) if isinstance(raw, list | tuple) else [raw]
    if not found:
        raise Unfit("the list is empty", "Name at least one value.")
    return found


def check_name(text: str, slot: Slot) -> str:
    """*text*, refused where the field's values are known and it is none of them."""
    name = slot.field.name.removeprefix("before.")
    if slot.field.choices:
        refuse_strangers([text], slot.field.choices, name)
    elif name == "owner.team" and slot.known.teams is not None:
        refuse_strangers([text], slot.known.teams, "team")
    elif name in slot.known.values:
        refuse_strangers([text], slot.known.values[name], name)
    return text


def refuse_strangers(names: Iterable[str], known: Iterable[str], what: str) -> None:
    """Raise Unfit for the first of *names* that is not among the *known*, whatever the case."""
    legal = list(known)
    folded = {fold(name).strip() for name in legal}
    for name in names:
        if fold(name).strip() not in folded:
            raise Unfit(f"unknown {what} '{name}'", suggest(name, legal))


def show(raw: object) -> str:
    """*raw* as it would be written in YAML, short."""
    if raw is None:
        return "nothing"
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, list | tuple):
        return f"[{', '.join(show(each) for each in raw)}]"
    if isinstance(raw, dict):
        return f"{{{', '.join(f'{key}: {show(each)}' for key, each in raw.items())}}}"
    return str(raw)


def _refuse_absent(
    names: tuple[str, ...], known: Collection[str] | None, what: str
) -> tuple[str, ...]:
    for name in names:
        if known is not None and name not in known:
            raise Unfit(f"unknown {what} '{name}'", suggest(name, known))
    return names


def _swapped(low: object, high: object) -> bool:
    if isinstance(low, Moment) and isinstance(high, Moment):
        return low.start.replace(tzinfo=None) > high.start.replace(tzinfo=None)
    if isinstance(low, timedelta) and isinstance(high, timedelta):
        return low > high
    if isinstance(low, int | float) and isinstance(high, int | float):
        return low > high
    return False


def _shape(raw: object) -> str:
    return "map" if isinstance(raw, dict) else "list" if isinstance(raw, list | tuple) else "value"
