"""Several messages in one mail, from the real store: all accounted for, the same every time."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from kace_bridge.clock import ManualClock
from kace_bridge.errors import KaceBridgeError
from kace_bridge.model.message import Mail, Message, Outcome
from kace_bridge.notify.channel import Sending
from kace_bridge.notify.channels import channel_adapter
from kace_bridge.notify.dispatch import DispatchReport, dispatch
from kace_bridge.notify.policy import Policy
from kace_bridge.notify.summary import LONGEST, entries, summarise
from kace_bridge.state import Store, open_store
from tests.state.samples import queue
from tests.unit.notify.messages import DATE, make_message
from tests.unit.notify.outbox import DOWN, Scripted, always

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
SENDING = Sending("kb.example.org", "https://kace.example.org/t/{id}")
CHANNELS = {
    "mail": channel_adapter().validate_python(
        {"kind": "email", "smtp": "smtp://localhost", "from": "desk@example.org"}
    ),
    "ops": channel_adapter().validate_python(
        {"kind": "webhook", "url": "https://ops.example.org/"}
    ),
}


@dataclass(frozen=True)
class Words:
    subject: str
    text: str
    html: str = ""


def summary(parts: Sequence[Message], now: datetime) -> Message:
    """The program's own but for its template."""
    words = Words(f"{len(parts)} messages", f"All:\n\n{entries(parts, SENDING)}\n\nDesk\n")
    return summarise(parts, words, SENDING, now)


GROUPED = Policy(cap=None, group=2 * MINUTE, summary=summary)
CAPPED = Policy(cap=20, summary=summary)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(f"sqlite:///{tmp_path / 's.db'}", ManualClock(DATE)) as opened:
        yield opened


def assignment(number: int, **changes: Any) -> Message:
    """One of many to the same engineer."""
    subject = f"[TICK:{number}] For you: Ticket {number}"
    made = make_message(key=f"k{number}", ticket=number, subject=subject, template="assigned",
                        role="owner", to="bkim@example.org", name="Bo Kim")  # fmt: skip
    return replace(made, **changes)


def run(
    store: Store, policy: Policy, courier: Scripted | None = None, now: datetime = DATE
) -> tuple[DispatchReport, list[EmailMessage]]:
    """One delivery; its report and the mails that left, as a mail program reads them."""
    courier = courier or Scripted()
    report = dispatch(store, CHANNELS, courier, ManualClock(now).now, policy, SENDING)
    contents = [given.content for given in courier.given if isinstance(given, Mail)]
    mails = [message_from_bytes(content, policy=default) for content in contents]
    return report, [mail for mail in mails if isinstance(mail, EmailMessage)]


def text(mail: EmailMessage, kind: str = "plain") -> str:
    body = mail.get_body((kind,))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def states(store: Store) -> dict[str, int]:
    found: dict[str, int] = {}
    for row in store.outbox(limit=9_999):
        found[row.state] = found.get(row.state, 0) + 1
    return found


class TestGrouping:
    def test_ten_assignments_are_one_mail(self, store: Store) -> None:
        """It lists every ticket, and every message says in which mail it left."""
        queue(store, [assignment(number) for number in range(1, 11)])
        report, (mail,) = run(store, GROUPED)
        assert (report.sent, report.folded) == (1, 10)
        assert [f"- {n}: For you: Ticket {n}" in text(mail) for n in range(1, 11)] == [True] * 10
        *parts, whole = store.outbox()
        assert {row.last_error for row in parts} == {f"in {whole.key}"}
        assert states(store) == {"sent": 11}
        assert store.verify() == []

    def test_it_belongs_to_no_ticket_and_links_to_each(self, store: Store) -> None:
        """No tag that would put an answer into one of them, no thread, marked as bulk."""
        queue(store, [assignment(1), assignment(2)])
        _, (mail,) = run(store, GROUPED)
        assert str(mail["Subject"]) == "2 messages"
        assert (mail["References"], mail["X-Ticket-ID"]) == (None, None)
        assert (mail["Precedence"], mail["Auto-Submitted"]) == ("bulk", "auto-generated")
        link = '<a href="https://kace.example.org/t/2">https://kace.example.org/t/2</a>'
        assert f"<li>2: For you: Ticket 2<br>\n{link}</li>" in text(mail, "html")

    def test_a_title_can_place_neither_tag_nor_link(self, store: Store) -> None:
        """What a submitter wrote stays on its line, as text."""
        evil = "[TICK:1] For you: [TICK:99] https://evil.example\n- 7: <b>x</b>"
        queue(store, [assignment(1, subject=evil), assignment(2)])
        _, (mail,) = run(store, GROUPED)
        assert "[TICK:" not in text(mail)
        assert text(mail, "html").count("<li>") == 2
        assert 'href="https://evil' not in text(mail, "html")

    def test_a_lost_answer_is_repeated_byte_for_byte(self, store: Store) -> None:
        """What came in meanwhile waits for the next mail, and does not change this one."""
        queue(store, [assignment(1), assignment(2)])
        lost = Scripted(always(Outcome("unknown", "lost")))
        run(store, GROUPED, lost)
        queue(store, [assignment(3), assignment(4)])
        again = Scripted()
        run(store, GROUPED, again, DATE + MINUTE)
        assert again.given[0] == lost.given[0]
        assert states(store) == {"sent": 3 + 3}

    def test_one_message_leaves_as_it_is_and_at_once(self, store: Store) -> None:
        """Nobody waits for company that does not come."""
        queue(store, [assignment(1)])
        _, (mail,) = run(store, GROUPED)
        assert str(mail["Subject"]) == "[TICK:1] For you: Ticket 1"

    def test_the_next_follows_after_the_window_in_one_mail(self, store: Store) -> None:
        """What comes within two minutes of a mail is gathered until they are over."""
        queue(store, [assignment(1)])
        run(store, GROUPED)
        queue(store, [assignment(2), assignment(3)])
        report, _ = run(store, GROUPED, now=DATE + MINUTE)
        assert (report.sent, report.held) == (0, 2)
        assert store.outbox(["pending"])[0].next_at == DATE + 2 * MINUTE
        report, (mail,) = run(store, GROUPED, now=DATE + 2 * MINUTE)
        assert str(mail["Subject"]) == "2 messages"

    def test_a_message_tried_before_leaves_by_itself(self, store: Store) -> None:
        """It may have arrived: a repeat must be the same mail."""
        queue(store, [assignment(1)])
        run(store, GROUPED, Scripted(always(DOWN)))
        queue(store, [assignment(2), assignment(3)])
        _, mails = run(store, GROUPED, now=DATE + MINUTE)
        assert [str(mail["Subject"]) for mail in mails] == [
            "[TICK:1] For you: Ticket 1", "2 messages",
        ]  # fmt: skip

    def test_no_message_overtakes_an_older_one_of_its_ticket(self, store: Store) -> None:
        """One behind a message that waits is in no summary; one behind a summary waits for it."""
        queue(store, [assignment(1)])
        run(store, GROUPED, Scripted(always(DOWN)))
        queue(store, [assignment(1, key="later"), assignment(2), assignment(3)])
        run(store, GROUPED, Scripted(always(DOWN)), DATE + MINUTE / 2)
        assert "later" not in {row.key for row in store.outbox() if row.bundle}
        queue(store, [assignment(2, key="after")])
        assert "after" not in {row.key for row in store.claim(DATE + MINUTE / 2, 99, MINUTE)}

    def test_urgent_messages_and_submitters_are_left_alone(self, store: Store) -> None:
        """An alarm stands by itself; a submitter's mail carries the number replies need."""
        queue(store, [assignment(1, urgent=True), assignment(2, role="submitter"),
                      assignment(3, template="closed"), assignment(4)])  # fmt: skip
        report, mails = run(store, GROUPED)
        assert (report.folded, len(mails)) == (0, 3)

    def test_what_is_unwanted_is_in_no_summary(self, store: Store) -> None:
        """Silenced or no longer true: dropped, and the rest is listed."""
        queue(store, [assignment(number) for number in range(1, 5)])
        policy = replace(
            GROUPED,
            silenced=lambda message, _: message.ticket == 1,
            outdated=lambda row: "closed since" if row.key == "k2" else "",
        )
        report, (mail,) = run(store, policy)
        assert (report.folded, report.dropped) == (2, 2)
        assert "- 1:" not in text(mail)

    def test_a_channel_without_people_is_not_gathered(self, store: Store) -> None:
        """A program on the other side wants each by itself."""
        queue(store, [assignment(n, channel="ops", to="") for n in range(1, 4)])
        assert run(store, GROUPED)[0].sent == 3

    def test_a_broken_template_stops_no_message(self, store: Store) -> None:
        """They leave one by one, as without the setting."""

        def broken(parts: Sequence[Message], now: datetime) -> Message:
            raise KaceBridgeError("template 'digest' line 3")

        queue(store, [assignment(1), assignment(2)])
        policy = replace(GROUPED, summary=broken)
        assert run(store, policy)[0].sent == 1
        assert run(store, policy, now=DATE + 2 * MINUTE)[0].sent == 1

    def test_a_long_list_says_how_many_more(self) -> None:
        """A storm makes no endless mail."""
        listed = entries([assignment(number) for number in range(LONGEST + 7)], Sending("x"))
        assert len(listed.split("\n")) == LONGEST + 1
        assert listed.endswith("\n- and 7 more")


class TestCap:
    @pytest.mark.catalogue("D13")
    def test_a_storm_is_nineteen_mails_and_a_summary(self, store: Store) -> None:
        """A thousand messages to one person: twenty mails within the hour, all accounted for."""
        queue(store, [assignment(number, role="owner") for number in range(1, 1001)])
        report, mails = run(store, CAPPED)
        assert (report.sent, report.folded, len(mails)) == (20, 981, 20)
        assert str(mails[-1]["Subject"]) == "981 messages"
        assert states(store) == {"sent": 1001}

    def test_what_follows_waits_an_hour_and_is_one_mail(self, store: Store) -> None:
        """Not another twenty."""
        queue(store, [assignment(number) for number in range(1, 31)])
        run(store, CAPPED)
        queue(store, [assignment(number) for number in range(31, 41)])
        report, _ = run(store, CAPPED, now=DATE + MINUTE)
        assert (report.sent, report.held) == (0, 10)
        report, (mail,) = run(store, CAPPED, now=DATE + HOUR + 20 * MINUTE)
        assert str(mail["Subject"]) == "10 messages"

    def test_receipts_and_closings_get_through(self, store: Store) -> None:
        """Who asked for help is told, however much they were told."""
        queue(store, [assignment(number, template="updated") for number in range(1, 31)])
        run(store, CAPPED)
        queue(store, [assignment(41, template="receipt"), assignment(42, template="closed")])
        assert run(store, CAPPED, now=DATE + MINUTE)[0].sent == 2

    def test_others_are_not_held_by_it(self, store: Store) -> None:
        """The cap is each recipient's own."""
        queue(store, [assignment(number) for number in range(1, 31)])
        run(store, CAPPED)
        queue(store, [assignment(99, to="dlee@example.org")])
        assert run(store, CAPPED, now=DATE + MINUTE)[0].sent == 1


class TestDaily:
    MORNING = DATE + 18 * HOUR
    POLICY = Policy(cap=None, summary=summary, daily_at=lambda message: (
        TestDaily.MORNING if message.date < TestDaily.MORNING else message.date + 24 * HOUR
    ))  # fmt: skip

    def test_a_days_messages_are_one_mail_at_its_hour(self, store: Store) -> None:
        """Held until then, however often a sync runs; then all at once."""
        queue(store, [assignment(1), assignment(2)])
        for hour in range(0, 18, 3):
            queue(store, [assignment(100 + hour, date=DATE + hour * HOUR)])
            assert run(store, self.POLICY, now=DATE + hour * HOUR)[0].sent == 0
        assert {row.last_error for row in store.outbox()} == {"held for the daily summary"}
        report, (mail,) = run(store, self.POLICY, now=self.MORNING)
        assert (report.folded, str(mail["Subject"])) == (8, "8 messages")

    def test_alarms_do_not_wait(self, store: Store) -> None:
        """Urgent is urgent."""
        queue(store, [assignment(1, urgent=True), assignment(2, template="closed")])
        assert run(store, self.POLICY)[0].sent == 2
