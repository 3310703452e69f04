"""The desk as this run knows it: people, loads, turns, absences, statuses, orders."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from functools import cached_property

from kace_bridge.model.history import HistoryEntry
from kace_bridge.model.ids import QueueId, UserId, UserName
from kace_bridge.model.people import Person
from kace_bridge.model.ticket import Ticket
from kace_bridge.rules.facts import Desk
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.sma import Sma
from kace_bridge.state import Store
from kace_bridge.sync.labels import Labels, names_labels

PEOPLE_AGE = timedelta(hours=24)
"""How long the list of users is trusted before it is read again."""

FRESH_STATES = {
    "New": "stalled", "Opened": "opened", "Reopened": "opened", "Closed": "closed",
    "Need More Info": "stalled", "Waiting Overdue": "stalled", "Waiting on Customer": "stalled",
    "Waiting on Third Party": "stalled",
}  # fmt: skip
"""States of a fresh appliance's statuses (contract section 6); what is seen overrules them."""


class _Loads(Mapping[str, int]):
    """Tickets at work per owner, counted when somebody is first to be picked."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @cached_property
    def _counts(self) -> dict[str, int]:
        return {str(user): count for user, count in self._store.loads().items()}

    def __getitem__(self, user: str) -> int:
        return self._counts[user]

    def __iter__(self) -> Iterator[str]:
        return iter(self._counts)

    def __len__(self) -> int:
        return len(self._counts)


class DeskBook:
    """Gathers what rules need to know of the desk, asking the appliance as little as it can.

    Nothing is read until a ticket has moved; users come from the store while the list is young
    and everybody a team names is on it.
    """

    def __init__(self, rules: RuleSet, sma: Sma, store: Store, now: datetime) -> None:
        self.rules = rules
        self.sma = sma
        self.store = store
        self.now = now
        self.desk = Desk(
            teams=rules.teams,
            groups=rules.groups,
            loads=_Loads(store),
            turns={team: str(user) for team, user in store.turns().items()},
            absent=store.absent(now),
        )
        self._states: dict[str, str] = dict(FRESH_STATES)
        self._by_id: dict[UserId, Person] = {}
        self._loaded = False
        self._refreshed = False
        self._orders: dict[str, dict[str, int]] = {}
        self._labels = Labels(sma, store, now) if names_labels(rules) else None

    def learn(self, tickets: Iterable[Ticket]) -> None:
        """Take in what *tickets* tell: people, statuses with their states, orders, labels."""
        tickets = list(tickets)
        self._load_people()
        people: dict[str, Person] = {}
        for ticket in tickets:
            if ticket.state is not None and (status := ticket.value("status")):
                self._states[status] = ticket.state
            for field in ("priority", "impact"):
                if "ordinal" not in ticket.part(field):
                    continue
                found = ticket.reference(field)
                if found is not None and found.ordinal is not None:
                    self._orders.setdefault(field, {})[found.name] = found.ordinal
            for field in ("owner", "submitter"):
                name = ticket.value(field)
                if name is None or name in self.desk.people or name in people:
                    continue
                person = ticket.owner if field == "owner" else ticket.submitter
                if person is not None:
                    people[person.user_name] = person
        orders = {
            field: tuple(sorted(ranks, key=lambda name: ranks[name]))
            for field, ranks in self._orders.items()
        }
        self.desk = replace(self.desk, people={**self.desk.people, **people}, orders=orders)
        if self._labels is not None:
            queues = {ticket.queue_id for ticket in tickets}
            self.desk = replace(self.desk, labels=self._labels.of(queues))

    def states(self, queue: QueueId) -> Mapping[str, str]:
        """The state behind each status name known so far."""
        del queue
        return self._states

    def author_of(self, row: HistoryEntry) -> UserName | None:
        """Who wrote a history row: as it says itself, else by the user's number."""
        if row.author is not None:
            return row.author.user_name
        if row.user_id is None:
            return None
        person = self._by_id.get(row.user_id)
        if person is None:
            self._refresh_people()
            person = self._by_id.get(row.user_id)
        return person.user_name if person else None

    def _load_people(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        self._orders = json.loads(self.store.meta("orders") or "{}")
        stored = json.loads(self.store.meta("people") or "{}")
        read_at = stored.get("at")
        self._take([Person(**record) for record in stored.get("people", [])])
        old = read_at is None or self.now - datetime.fromisoformat(read_at) > PEOPLE_AGE
        members = {user for team in self.rules.teams.values() for user in team.members}
        members |= {team.lead for team in self.rules.teams.values() if team.lead}
        if old or not members <= self.desk.people.keys():
            self._refresh_people()
        self._pass_over_strangers()

    def _pass_over_strangers(self) -> None:
        """Give no work to members who are not on the appliance: nothing can be written for them.

        Where it knows nobody of a team, the list may be cut for our account: then the write is
        tried, and says what is wrong.
        """
        known = {name.casefold() for name in self.desk.people}
        strangers: set[str] = set()
        for team in self.rules.teams.values():
            missing = {user for user in team.members if user.casefold() not in known}
            if len(missing) < len(team.members):
                strangers |= missing
        self.desk = replace(self.desk, absent=self.desk.absent | strangers)

    def _refresh_people(self) -> None:
        if self._refreshed:
            return
        self._refreshed = True
        self._take(list(self.sma.users.list()))

    def _take(self, people: list[Person]) -> None:
        self._by_id.update({person.id: person for person in people if person.id})
        named: dict[str, Person] = {person.user_name: person for person in people}
        self.desk = replace(self.desk, people={**self.desk.people, **named})

    def save(self) -> None:
        """Remember the users read and the orders seen for the next run."""
        if self._labels is not None:
            self._labels.save()
        if self._orders:
            self.store.set_meta("orders", json.dumps(self._orders, sort_keys=True))
        if self._refreshed:
            people = [asdict(person) for person in self._by_id.values()]
            self.store.set_meta(
                "people", json.dumps({"at": self.now.isoformat(), "people": people})
            )
