"""When messages to the staff leave: quiet hours and daily summaries, by calendar."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from kace_bridge.model.ids import UserName
from kace_bridge.rules.facts import Team
from kace_bridge.sla.calendar import Calendar, CalendarSpec
from kace_bridge.sync.courtesy import DailySummaries, QuietHours
from tests.unit.notify.messages import make_message

ZONE = ZoneInfo("America/New_York")
OFFICE = Calendar.from_spec(
    "office",
    CalendarSpec(
        timezone="America/New_York", week={"mon-fri": ["08:00-12:00", "13:00-17:00"]},
        closed=["2026-03-04"],
    ),
)  # fmt: skip


def at(text: str) -> datetime:
    """``03-02 09:00`` at the office."""
    return datetime.fromisoformat(f"2026-{text}").replace(tzinfo=ZONE)


class TestQuietHours:
    @pytest.mark.parametrize(
        ("now", "until"),
        [
            pytest.param("03-02 09:00", None, id="the office is open"),
            pytest.param("03-02 12:30", None, id="a lunch break is no night"),
            pytest.param("03-02 07:59", "03-02 08:00", id="before it opens"),
            pytest.param("03-02 17:00", "03-03 08:00", id="from the minute it closes"),
            pytest.param("03-03 18:00", "03-05 08:00", id="over a holiday"),
            pytest.param("03-06 17:30", "03-09 08:00", id="over a week-end and a clock change"),
        ],
    )
    def test_staff_mail_waits_for_the_opening(self, now: str, until: str | None) -> None:
        """Not for the end of a lunch break, and over every day the office is shut."""
        found = QuietHours(OFFICE)(make_message(role="owner"), at(now))
        assert found == (at(until) if until else None)

    @pytest.mark.parametrize("role", ["submitter", "author", ""])
    def test_who_asked_for_help_does_not_wait(self, role: str) -> None:
        """Nor does a message of which it is not known."""
        assert QuietHours(OFFICE)(make_message(role=role), at("03-02 22:00")) is None


class TestDailySummaries:
    WHEN = DailySummaries(
        {"css": time(8, 15), "lead": time(16, 0), "bkim": time(12, 0)},
        {"bkim@example.org": "bkim", "dlee@example.org": "dlee", "gcho@example.org": "gcho"},
        {
            "css": Team("css", (UserName("bkim"), UserName("dlee")), calendar="office"),
            "network": Team("network", (UserName("gcho"),), email="network@example.org"),
        },
        {"office": OFFICE}, None, UTC,
    )  # fmt: skip

    @pytest.mark.parametrize(
        ("to", "role", "date", "expected"),
        [
            pytest.param("dlee", "owner", "03-02 08:14", "03-02 08:15", id="today"),
            pytest.param("dlee", "owner", "03-02 08:15", "03-02 08:15", id="just in time"),
            pytest.param("dlee", "owner", "03-02 08:16", "03-03 08:15", id="tomorrow"),
            pytest.param("dlee", "owner", "03-03 12:00", "03-05 08:15", id="after a holiday"),
            pytest.param("dlee", "owner", "03-06 12:00", "03-09 08:15", id="after a week-end"),
            pytest.param("BKim", "owner", "03-02 08:16", "03-02 12:00", id="a person of their own"),
            pytest.param("dlee", "submitter", "03-02 08:14", None, id="their own request"),
            pytest.param("jdoe", "team", "03-02 08:14", None, id="nobody asked for it"),
        ],
    )
    def test_the_next_hour_of_a_working_day(
        self, to: str, role: str, date: str, expected: str | None
    ) -> None:
        """By person, then team, then role; on the team's calendar."""
        message = make_message(to=f"{to}@example.org", role=role, date=at(date))
        assert self.WHEN(message) == (at(expected) if expected else None)

    def test_a_role_counts_where_no_team_does(self) -> None:
        """Without a calendar every day works, in the appliance's zone."""
        message = make_message(to="gcho@example.org", role="lead", date=at("03-07 10:00"))
        assert self.WHEN(message) == datetime(2026, 3, 7, 16, tzinfo=UTC)
