"""A plan on paper: everything a preview decided, as JSON that can be read, kept and applied.

The file holds what ``plan --json`` prints. A checksum over the whole of it makes sure that what
was looked at is what is applied; it holds ticket texts and addresses, and no secret.
"""

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from kace_bridge.config.load import Site
from kace_bridge.errors import UsageError
from kace_bridge.model.digest import digest_parts
from kace_bridge.model.effect import AddComment, Decision, Effect, SendMessage, UpdateTicket
from kace_bridge.model.ids import TicketId
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.sync.detect import digest_of
from kace_bridge.sync.preview import Preview
from kace_bridge.sync.wire import Bridge

KIND = "kace-bridge plan"
VERSION = 1


@dataclass(frozen=True, slots=True)
class SeenTicket:
    """A ticket as the plan saw it; ``row`` is the newest history row there was."""

    title: str
    digest: str
    row: int


@dataclass(frozen=True, slots=True)
class Plan:
    """A plan read back. ``appliance`` names address and organisation it was made for."""

    config: str
    appliance: Mapping[str, str]
    at: datetime
    decisions: tuple[Decision, ...]
    tickets: Mapping[TicketId, SeenTicket]
    turns: Mapping[str, str] = field(default_factory=dict)


def plan_as_data(bridge: Bridge, found: Preview) -> dict[str, object]:
    """The plan as JSON-able data: what it was made with, and every decision in full."""
    rules = bridge.site.rules
    planned = {decision.ticket for decision in found.decisions}
    data: dict[str, object] = {
        "kind": KIND,
        "version": VERSION,
        "config": bridge.site.config_hash,
        "appliance": appliance_of(bridge),
        "at": bridge.now().isoformat(),
        "pulled": found.pulled,
        "baseline": found.baseline,
        "limits_exceeded": list(found.limits_exceeded),
        "rules": dict(Counter(decision.rule for decision in found.decisions)),
        "tickets": {
            str(number): {
                "title": ticket.title, "modified": ticket.text("modified"),
                "digest": digest_of(ticket), "row": found.rows.get(number, 0),
            }
            for number, ticket in sorted(found.tickets.items())
            if number in planned
        },
        "turns": dict(found.turns),
        "decisions": [_decision_as_data(rules, decision) for decision in found.decisions],
        "conflicts": [str(conflict) for conflict in found.conflicts],
        "failures": {str(ticket): reason for ticket, reason in found.failures.items()},
    }  # fmt: skip
    data = json.loads(json.dumps(data, default=str))
    return {**data, "checksum": _checksum(data)}


def appliance_of(bridge: Bridge) -> dict[str, str]:
    """Which appliance and organisation *bridge* works on."""
    return {"url": bridge.sma.url, "organization": bridge.sma.organization}


def _decision_as_data(rules: RuleSet, decision: Decision) -> dict[str, object]:
    rule = rules.find(decision.rule)
    return {
        "id": decision.id, "ticket": decision.ticket, "rule": decision.rule,
        "level": decision.level, "phase": decision.phase, "mode": decision.mode,
        "place": rule.place if rule else None, "cause": decision.cause,
        "at": decision.at.isoformat(), "episode": decision.episode, "late_s": decision.late_s,
        "effects": [effect_as_data(effect) for effect in decision.effects],
        "trace": dict(decision.trace),
    }  # fmt: skip


def effect_as_data(effect: Effect) -> dict[str, object]:
    """One effect as JSON-able data; complete, save for the ticket's number."""
    match effect:
        case UpdateTicket():
            return {"kind": "update", "before": dict(effect.before), "set": dict(effect.values)}
        case AddComment():
            return {"kind": "comment", "text": effect.text, "public": effect.public}
        case SendMessage():
            return {
                "kind": "message", "channel": effect.channel, "to": effect.to,
                "name": effect.name, "role": effect.role, "template": effect.template,
                "subject": effect.subject, "text": effect.text, "html": effect.html,
                "urgent": effect.urgent,
            }  # fmt: skip


def read_plan(path: Path) -> Plan:
    """The plan that *path* holds. Raises UsageError for anything else, and for a plan changed."""
    again = f"make a new one: kace-bridge plan -o {path}"
    try:
        data = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise UsageError(f"{path} is not a plan (no JSON); {again}") from error
    if not isinstance(data, dict) or data.get("kind") != KIND:
        raise UsageError(f"{path} is not a plan; {again}")
    if data.get("version") != VERSION:
        version = data.get("version")
        raise UsageError(f"{path} is a plan of version {version}, this is {VERSION}; {again}")
    claimed = data.pop("checksum", None)
    if claimed != _checksum(data):
        raise UsageError(f"{path} was changed since it was written; {again}")
    try:
        return _plan(data)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise UsageError(f"{path} is not a whole plan; {again}") from error


def check_plan(plan: Plan, site: Site, appliance: Mapping[str, str]) -> None:
    """Raises UsageError where *plan* was made with another configuration or appliance."""
    if dict(plan.appliance) != dict(appliance):
        made, here = (f"{one['url']} ({one['organization']})"
                      for one in (plan.appliance, appliance))  # fmt: skip
        raise UsageError(f"the plan was made for {made}, this configuration is for {here}; "
                         "use the configuration it was made with")  # fmt: skip
    if plan.config != site.config_hash:
        raise UsageError(
            "the configuration is not the one the plan was made with "
            f"({plan.config}, now {site.config_hash}); make a new plan: kace-bridge plan -o FILE"
        )


def _checksum(data: Mapping[str, object]) -> str:
    return digest_parts(json.dumps(data, sort_keys=True, separators=(",", ":")))


def _plan(data: Mapping[str, Any]) -> Plan:
    return Plan(
        config=str(data["config"]),
        appliance={name: str(data["appliance"][name]) for name in ("url", "organization")},
        at=datetime.fromisoformat(data["at"]),
        decisions=tuple(_decision(raw) for raw in data["decisions"]),
        tickets={
            TicketId(int(number)): SeenTicket(raw["title"], raw["digest"], int(raw["row"]))
            for number, raw in data["tickets"].items()
        },
        turns=dict(data["turns"]),
    )


def _decision(raw: Mapping[str, Any]) -> Decision:
    ticket = TicketId(int(raw["ticket"]))
    return Decision(
        ticket=ticket, rule=raw["rule"], phase=raw["phase"], cause=raw["cause"],
        at=datetime.fromisoformat(raw["at"]), episode=raw["episode"], level=raw["level"],
        mode=raw["mode"], effects=tuple(_effects(ticket, raw["effects"])), trace=raw["trace"],
        late_s=raw["late_s"], key=raw["id"],
    )  # fmt: skip


def _effects(ticket: TicketId, effects: list[Mapping[str, Any]]) -> Iterator[Effect]:
    for raw in effects:
        rest = {name: value for name, value in raw.items() if name != "kind"}
        match raw["kind"]:
            case "update":
                yield UpdateTicket(ticket, rest["set"], rest["before"])
            case "comment":
                yield AddComment(ticket, **rest)
            case "message":
                yield SendMessage(ticket, **rest)
            case other:
                raise ValueError(other)
