"""What a site asks of its messages beyond sending them: put into the policy of a delivery."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta, tzinfo

from kace_bridge.config.messages import doubled_templates
from kace_bridge.config.settings import SettingsFile
from kace_bridge.model.message import Message
from kace_bridge.notify.address import same_address
from kace_bridge.notify.channel import Sending
from kace_bridge.notify.outbox import Row
from kace_bridge.notify.outdated import can_be_outdated, outdated
from kace_bridge.notify.policy import Policy
from kace_bridge.notify.summary import entries, summarise
from kace_bridge.notify.suppress import is_for_staff
from kace_bridge.rules.facts import Team
from kace_bridge.rules.ruleset import RuleSet
from kace_bridge.rules.variables import summary_variables
from kace_bridge.sla.calendar import Calendar
from kace_bridge.state import Store
from kace_bridge.sync.wire import Bridge, seconds

_DAY = timedelta(days=1)
_LONGEST_HOLIDAY = 400
"""Days looked ahead for one on which the desk works."""


def courteous(policy: Policy, bridge: Bridge, sending: Sending) -> Policy:
    """*policy* with what the site's settings say about its messages."""
    settings, rules = bridge.site.settings, bridge.site.rules
    spec = settings.messages
    office = rules.calendars.get(spec.quiet or "")
    made = replace(
        policy,
        cap=spec.cap_per_hour,
        group=seconds(spec.group) if spec.group else None,
        denied=policy.denied | _never_written_to(settings),
        doubles=doubled_templates(settings) if spec.doubles == "skip" else frozenset(),
        outdated=Overtaken(bridge.store),
        summary=Summaries(rules, sending),
    )
    if office is not None:
        made = replace(made, quiet_until=QuietHours(office))
    if spec.digest:
        made = replace(made, daily_at=DailySummaries.of(bridge))
    return made


def _never_written_to(settings: SettingsFile) -> frozenset[str]:
    own = [*settings.messages.never_to, settings.desk.reply_to]
    return frozenset(same_address(address) for address in own if address)


@dataclass(frozen=True, slots=True)
class Overtaken:
    """Asks the store whether a message about to leave is still true."""

    store: Store

    def __call__(self, row: Row) -> str:
        message = row.message
        if not can_be_outdated(message.template):
            return ""
        decision = self.store.decision(row.decision) if row.decision else None
        timeline = self.store.timelines([message.ticket])[message.ticket]
        return outdated(message, decision.at if decision else message.date, timeline)


@dataclass(frozen=True, slots=True)
class QuietHours:
    """Staff mail waits for the office to open; a lunch break is no night."""

    office: Calendar

    def __call__(self, message: Message, now: datetime) -> datetime | None:
        if not is_for_staff(message) or self.office.is_open(now):
            return None
        opens = self.office.next_open(now)
        local = now.astimezone(self.office.zone)
        began = local.replace(hour=0, minute=0, second=0, microsecond=0)
        same_day = opens.astimezone(self.office.zone).date() == local.date()
        if same_day and self.office.open_time(began, now):
            return None
        return opens


@dataclass(frozen=True, slots=True)
class DailySummaries:
    """When the summary leaves that a message to one of the staff belongs into.

    ``hours`` are by role, team or login name, ``people`` are login names by address.
    """

    hours: Mapping[str, time]
    people: Mapping[str, str]
    teams: Mapping[str, Team]
    calendars: Mapping[str, Calendar]
    calendar: str | None
    zone: tzinfo

    @classmethod
    def of(cls, bridge: Bridge) -> "DailySummaries":
        """As the site's settings have it; people as a sync has last read them."""
        rules = bridge.site.rules
        hours = bridge.site.settings.messages.digest
        stored = json.loads(bridge.store.meta("people") or "{}").get("people", [])
        return cls(
            {name: time.fromisoformat(hour) for name, hour in hours.items()},
            {same_address(person["email"]): person["user_name"] for person in stored},
            rules.teams, rules.calendars, rules.calendar, bridge.zone,
        )  # fmt: skip

    def __call__(self, message: Message) -> datetime | None:
        if not is_for_staff(message):
            return None
        user = self.people.get(same_address(message.to), "")
        team = self._team(message, user)
        named = (user, team.name if team else "", message.role)
        hour = next((self.hours[name] for name in named if name in self.hours), None)
        if hour is None:
            return None
        return self._next(message.date, hour, team)

    def _team(self, message: Message, user: str) -> Team | None:
        teams = self.teams.values()
        by_mailbox = (team for team in teams if team.email and
                      same_address(team.email) == same_address(message.to))  # fmt: skip
        return next(by_mailbox, None) or next((team for team in teams if user in team), None)

    def _next(self, after: datetime, hour: time, team: Team | None) -> datetime:
        """The first such *hour* of a working day that is not before *after*."""
        name = (team.calendar if team else None) or self.calendar or ""
        calendar = self.calendars.get(name)
        zone = calendar.zone if calendar else self.zone
        day = after.astimezone(zone).date()
        for _ in range(_LONGEST_HOLIDAY):
            at = datetime.combine(day, hour, zone)
            begins = datetime.combine(day, time(), zone)
            day += _DAY
            works = calendar is None or calendar.open_time(begins, begins + _DAY)
            if at >= after and works:
                return at
        return after


@dataclass(frozen=True, slots=True)
class Summaries:
    """Makes one message of several, in the words of the template ``digest``."""

    rules: RuleSet
    sending: Sending

    def __call__(self, parts: Sequence[Message], now: datetime) -> Message:
        last = parts[-1]
        data = summary_variables(
            self.rules, count=len(parts), entries=entries(parts, self.sending),
            name=last.name, role=last.role,
        )  # fmt: skip
        words = self.rules.templates.render("digest", data)
        return summarise(parts, words, self.sending, now)
