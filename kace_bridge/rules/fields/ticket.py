"""What stands on the ticket itself.

Keys are the appliance's (contract section 4.13). It leaves out what is empty, so an absent owner,
category or due date is none (section 8, Q2); what can never be empty and is absent is not known.
"""

from functools import lru_cache

from kace_bridge.model.text import plain_text
from kace_bridge.rules.facts import Facts
from kace_bridge.rules.fields._brief import (
    name_of,
    queue_name,
    queue_number,
    raw_text,
    state_of,
)
from kace_bridge.rules.fields._registry import MISSING, Kind, Value, field


@field("id", Kind.NUMBER, ticket_only=True)
def number(facts: Facts) -> Value:
    """The ticket's number.

    Example:
        id: {more_than: 1000}
    """
    return facts.ticket.id


@field("title", Kind.TEXT, key="title", ticket_only=True)
def title(facts: Facts) -> Value:
    """The title.

    Example:
        title: {starts_with: "URGENT"}
    """
    return facts.ticket.title if "title" in facts.ticket.record else MISSING


@field("summary", Kind.TEXT, key="summary", ticket_only=True)
def summary(facts: Facts) -> Value:
    """The first description, without markup.

    Example:
        summary: {contains: "blue screen"}
    """
    return _read_markup(facts.ticket.text("summary"))


@field("text", Kind.TEXT, ticket_only=True, raw=raw_text)
def text(facts: Facts) -> Value:
    """The title and, on a new line, the first description.

    Example:
        text: {any_word: [vpn, wifi, "no internet"]}
    """
    ticket = facts.ticket
    if "title" not in ticket.record and "summary" not in ticket.record:
        return MISSING
    return _join_texts(ticket.title, ticket.text("summary"))


@field("resolution", Kind.TEXT, key="resolution", ticket_only=True)
def resolution(facts: Facts) -> Value:
    """What was done about it, without markup.

    Example:
        resolution: {empty: true}
    """
    return facts.ticket.resolution


@field("cc_list", Kind.TEXT, key="cc_list", ticket_only=True)
def cc_list(facts: Facts) -> Value:
    """The addresses in copy, as one text.

    Example:
        cc_list: {contains: "@exec.example.org"}
    """
    return facts.ticket.text("cc_list")


@field("category", Kind.NAME, key="category", ticket_only=True, brief=name_of("category"))
def category(facts: Facts) -> Value:
    """The category; a path such as ``Network::VPN`` where the appliance has levels.

    Example:
        category: {under: Network}
    """
    return _read_name(facts, "category")


@field("priority", Kind.NAME, key="priority", ticket_only=True, brief=name_of("priority"))
def priority(facts: Facts) -> Value:
    """The priority. Ranked: ``at_least: High`` means High or above.

    Example:
        priority: {at_least: Medium}
    """
    return _read_name(facts, "priority")


@field("impact", Kind.NAME, key="impact", ticket_only=True, brief=name_of("impact"))
def impact(facts: Facts) -> Value:
    """How many people are hit. Ranked like priority.

    Example:
        impact: {is: "Many people cannot work"}
    """
    return _read_name(facts, "impact")


@field("status", Kind.NAME, key="status", ticket_only=True, brief=name_of("status"))
def status(facts: Facts) -> Value:
    """The status by name. Names are the site's own: where it will do, use ``state``.

    Example:
        status: {in: [New, Reopened]}
    """
    return _read_name(facts, "status")


@field(
    "state", Kind.TEXT, choices=("opened", "closed", "stalled"), key="state", ticket_only=True,
    brief=state_of,
)  # fmt: skip
def state(facts: Facts) -> Value:
    """What the status means to the appliance: opened, closed or stalled.

    Renaming a status does not change it. On a fresh appliance New is stalled.
    Source: contract section 6.

    Example:
        state: {is_not: closed}
    """
    found = facts.ticket.status
    if found is None:
        return _read_name(facts, "status")
    return found.state or MISSING


@field("machine", Kind.NAME, key="machine", ticket_only=True, brief=name_of("machine"))
def machine(facts: Facts) -> Value:
    """The computer the ticket is about.

    Example:
        machine: {starts_with: "LAB-"}
    """
    return _read_name(facts, "machine")


@field("asset", Kind.NAME, key="asset", ticket_only=True, brief=name_of("asset"))
def asset(facts: Facts) -> Value:
    """The asset the ticket is about.

    Example:
        asset: {empty: false}
    """
    return _read_name(facts, "asset")


@field("queue", Kind.NAME, key="hd_queue_id", ticket_only=True, brief=queue_name)
def queue(facts: Facts) -> Value:
    """The queue by name.

    Example:
        queue: {is: "The K1000 Service Desk"}
    """
    return facts.ticket.reference("queue") or MISSING


@field("hd_queue_id", Kind.NUMBER, key="hd_queue_id", ticket_only=True, brief=queue_number)
def hd_queue_id(facts: Facts) -> Value:
    """The queue by number.

    Example:
        hd_queue_id: {in: [1, 4]}
    """
    return facts.ticket.queue_id or MISSING


@field("created", Kind.DATE, ticket_only=True)
def created(facts: Facts) -> Value:
    """When it was submitted.

    Example:
        created: {older_than: 2d}
    """
    return facts.ticket.created or MISSING


@field("modified", Kind.DATE, ticket_only=True)
def modified(facts: Facts) -> Value:
    """When it was last saved, by anybody.

    Example:
        modified: {older_than: 1w}
    """
    return facts.ticket.modified or MISSING


@field("due_date", Kind.DATE, key="due_date", ticket_only=True)
def due_date(facts: Facts) -> Value:
    """When it is due; empty where no date is set.

    Example:
        due_date: {within: 4h}
    """
    return facts.ticket.due_date


def _read_name(facts: Facts, key: str) -> Value:
    found = facts.ticket.reference(key)
    if found is None and facts.ticket.part(key):
        return MISSING  # an id without a name: the answer was shaped too tersely
    return found


@lru_cache(maxsize=64)
def _read_markup(markup: str) -> str:
    # Every rule asks for the same few texts; stripping markup is by far the dearest read.
    return plain_text(markup)


@lru_cache(maxsize=64)
def _join_texts(title: str, summary: str) -> str:
    """Remembered, because each phase and each trace reads the same ticket's text once more."""
    return f"{title}\n{_read_markup(summary)}".strip()
