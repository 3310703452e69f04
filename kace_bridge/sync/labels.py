"""Which custom field a label stands for: read from the queues, for rules that name labels."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from kace_bridge.model.ids import QueueId
from kace_bridge.rules.condition import comparisons
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.sma import Sma
from kace_bridge.state import Store
from kace_bridge.state.readings import Readings

_AGE = timedelta(hours=24)
"""How long a queue's labels are trusted before they are read again."""
_META = "labels"


class Labels:
    """The labels of the queues that tickets are in; one request per queue and day."""

    def __init__(self, sma: Sma, store: Store, now: datetime) -> None:
        self._sma = sma
        self._store = store
        self._now = now
        stored = json.loads(store.meta(_META) or "{}")
        read_at = stored.get("at")
        young = read_at is not None and now - datetime.fromisoformat(read_at) <= _AGE
        self._at = read_at if young else now.isoformat()
        self._queues: dict[str, dict[str, str]] = stored["queues"] if young else {}
        self._read = False

    def of(self, queues: Iterable[QueueId]) -> dict[str, str]:
        """Labels, case-folded, to keys, with *queues* read where they are not known yet."""
        for queue in queues:
            if queue and str(int(queue)) not in self._queues:
                fields = self._sma.queues.fields(int(queue))
                self._queues[str(int(queue))] = {
                    field.label.casefold(): field.key
                    for field in fields
                    if field.key.startswith("custom_")
                }
                self._read = True
        return _agreed(self._queues.values())

    def save(self) -> None:
        """Remember what was read for the next run."""
        if self._read:
            said = {"at": self._at, "queues": self._queues}
            self._store.set_meta(_META, json.dumps(said, sort_keys=True))


def names_labels(rules: RuleSet) -> bool:
    """Whether any rule, or any team's map, goes by a custom field's label."""
    names = {test.field.name for rule in rules.rules for test in comparisons(rule.condition)}
    names |= {
        change.field.name
        for rule in rules.rules if rule.event
        for pattern in rule.event.patterns
        for change in pattern.changes
    }  # fmt: skip
    names |= {spec.field for spec in rules.maps.values()}
    return any(name.removeprefix("before.").startswith("custom.") for name in names)


def stored_labels(store: Readings) -> dict[str, str]:
    """The labels as last read, without asking the appliance."""
    return _agreed(json.loads(store.meta(_META) or "{}").get("queues", {}).values())


def _agreed(queues: Iterable[Mapping[str, str]]) -> dict[str, str]:
    """One mapping of all; a label that stands for different fields here and there is left out."""
    keys: dict[str, set[str]] = {}
    for queue in queues:
        for label, key in queue.items():
            keys.setdefault(label, set()).add(key)
    return {label: found.pop() for label, found in keys.items() if len(found) == 1}
