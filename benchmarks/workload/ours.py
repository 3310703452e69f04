"""The made-up rules and tickets in our own terms: conditions, tickets, facts."""

from dataclasses import dataclass
from datetime import UTC, timedelta
from typing import Any

from benchmarks.workload.tickets import NOW
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.condition import Condition, Known, parse_condition
from kace_bridge.rules.facts import Desk, Facts

_FIELDS = {
    "hd_queue_id": "hd_queue_id", "category.name": "category", "status.name": "status",
    "status.state": "state", "priority.name": "priority", "impact.name": "impact",
    "owner": "owner", "x.title": "title", "x.text": "text", "x.age_min": "age",
    "x.idle_min": "idle", "x.biz_min": "clock.open",
}  # fmt: skip
_MINUTES = {"x.age_min", "x.idle_min", "x.biz_min"}
_OPERATORS = {
    "eq": "is", "ne": "is_not", "in": "in", "nin": "not_in", "has": "contains", "re": "matches",
    "gt": "more_than", "ge": "at_least", "lt": "less_than", "le": "at_most",
}  # fmt: skip
_DESK = Desk()


@dataclass(frozen=True, slots=True)
class Sample:
    """One ticket with all that is known of it before any rule is asked."""

    ticket: Ticket
    before: Ticket
    clocks: dict[str, timedelta]

    def facts(self) -> Facts:
        """The facts as a sync builds them for each ticket."""
        return Facts(self.ticket, _AT, _DESK, before=self.before, clocks=self.clocks)


_AT = NOW.replace(tzinfo=UTC)


def conditions(rules: list[dict[str, Any]]) -> list[Condition]:
    """The rules as conditions, read the way a configuration is."""
    found = []
    for number, rule in enumerate(rules):
        problems: list[Any] = []
        condition = parse_condition(as_yaml(rule), (number,), problems, Known())
        assert condition is not None, problems
        found.append(condition)
    return found


def as_yaml(node: dict[str, Any]) -> dict[str, Any]:
    """One rule as an admin would write its ``if:``."""
    for join in ("all", "any"):
        if join in node:
            return {join: [as_yaml(part) for part in node[join]]}
    if "not" in node:
        return {"not": as_yaml(node["not"])}
    operator, value = node["op"], node.get("v")
    if operator == "changed":
        return {"before.status": {"is": value[0]}, "status": {"is": value[1]}}
    field = _FIELDS.get(node["f"], node["f"])
    if operator in ("empty", "nonempty"):
        return {field: {"empty": operator == "empty"}}
    if operator == "pre":
        top = str(value)
        whole = {"under": top.removesuffix("::")} if field == "category" else {"starts_with": top}
        return {field: whole}
    if node["f"] in _MINUTES:
        value = f"{value}m"
    return {field: {_OPERATORS[operator]: value}}


def tickets(records: list[dict[str, Any]]) -> list[Sample]:
    """The records as tickets; what the workload derived becomes the snapshot and the clock."""
    found = []
    for record in records:
        told = {key: value for key, value in record.items() if key != "x"}
        before = {**told, "status": {"name": record["x"]["prev_status"]}}
        worked = timedelta(minutes=record["x"]["biz_min"])
        found.append(Sample(Ticket(told, UTC), Ticket(before, UTC), {"open": worked}))
    return found
