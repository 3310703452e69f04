"""Fields named by the site: custom fields, clocks, and what a field was before."""

import re
from dataclasses import replace

from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._brief import text_of
from kace_bridge.rules.fields._registry import (
    MISSING,
    Field,
    Kind,
    Value,
    family,
    find_field,
)
from kace_bridge.rules.issue import Known, Unfit, suggest


@family("custom_", "custom_N")
def custom_number(rest: str, known: Known) -> Field:
    """A custom field by its number. Not known where the appliance did not send it.

    Text to the appliance; order operators read a number or a date in it.
    Source: contract section 4.13 and section 8, Q13.

    Example:
        custom_3: {contains: laptop}
    """
    del known
    if not re.fullmatch(r"[1-9][0-9]{0,2}", rest):
        raise Unfit(f"unknown field 'custom_{rest}'", "Custom fields are custom_1, custom_2 ...")
    key = f"custom_{rest}"
    return Field(
        key, Kind.CUSTOM, lambda facts: _read_custom(facts, key), key=key, ticket_only=True,
        brief=text_of(key),
    )  # fmt: skip


@family("custom.", "custom.LABEL")
def custom_label(label: str, known: Known) -> Field:
    """A custom field by its label, in any case; not known where no field, or several, bear it.

    A sync asks the ticket's queue for its labels, once a day. A label that stands for one field
    in one queue and for another elsewhere is not known: use the number there.

    Example:
        "custom.Asset tag": {starts_with: "LT-"}
    """
    if known.labels is not None and label.casefold() not in known.labels:
        raise Unfit(
            f"no custom field is labelled '{label}'", suggest(label.casefold(), known.labels)
        )

    def read(facts: Facts) -> Value:
        key = facts.desk.labels.get(label.casefold())
        return _read_custom(facts, key) if key else MISSING

    return Field(f"custom.{label}", Kind.CUSTOM, read, ticket_only=True, label=label)


@family("clock.", "clock.NAME")
def clock(name: str, known: Known) -> Field:
    """How long a configured clock has run: working time only, pauses left out.

    Example:
        clock.respond: {more_than: 4h}
    """
    if known.clocks is not None and name not in known.clocks:
        raise Unfit(f"there is no clock '{name}'", suggest(name, known.clocks))
    return Field(f"clock.{name}", Kind.DURATION, lambda facts: facts.clocks.get(name, MISSING))


@family("before.", "before.FIELD")
def before(name: str, known: Known) -> Field:
    """What a field of the ticket was before the change being judged.

    Not known where the bridge has not seen the ticket before.

    Example:
        before.priority: {is: Low}
    """
    inner = find_field(name, known)
    if not inner.ticket_only:
        raise Unfit(f"'{name}' has no earlier value", "Write before.status, before.owner ...")

    def read(facts: Facts) -> Value:
        if facts.before is None:
            return MISSING
        return inner.read(replace(facts, ticket=facts.before, before=None))

    return Field(
        f"before.{inner.name}", inner.kind, read, choices=inner.choices, brief=inner.brief,
        earlier=True, raw=inner.raw,
    )  # fmt: skip


def _read_custom(facts: Facts, key: str) -> Value:
    return facts.ticket.text(key) if key in facts.ticket.record else MISSING
