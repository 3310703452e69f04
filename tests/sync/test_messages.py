"""Messages over whole syncs: what leaves when, to whom, and what is better not sent."""

from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest

from tests.support.desk import URL, Desk


def mail_is_down(desk: Desk, down: bool = True) -> None:
    """Put something where the mail folder would be, or take it away."""
    folder = Path(desk.folder / "mail")
    if down:
        folder.mkdir(exist_ok=True)
        folder.rename(desk.folder / "aside")
        folder.write_text("in the way")
    else:
        folder.unlink()
        (desk.folder / "aside").rename(folder)


def text_of(desk: Desk, kind: str = "plain") -> str:
    """The words of the only mail there is."""
    (path,) = (desk.folder / "mail").glob("*.eml")
    body = message_from_bytes(path.read_bytes(), policy=default).get_body((kind,))  # type: ignore[attr-defined]
    return str(body.get_content()).replace("\r\n", "\n")


def reasons(desk: Desk, state: str) -> dict[str, str]:
    """Why the messages in *state* are in it, by template."""
    with desk.bridge() as made:
        return {row.message.template: row.last_error for row in made.store.outbox([state])}


class TestStillTrue:
    """A message that could not leave is looked at again before it does."""

    @pytest.fixture
    def ticket(self, desk: Desk) -> int:
        """A ticket whose owner was to be nudged while no mail could leave."""
        number = desk.submit()
        desk.sync()
        assert len(desk.mails) == 1
        desk.later(hours=6)
        mail_is_down(desk)
        assert desk.sync().sent == 0
        assert list(reasons(desk, "pending")) == ["nudge"]
        return number

    def test_a_reminder_waits_for_the_mail_server(self, desk: Desk, ticket: int) -> None:
        """Nothing has happened meanwhile: it is still wanted."""
        mail_is_down(desk, False)
        desk.later(minutes=5)
        assert desk.sync().sent == 1
        assert desk.mails[-1] == ("adiaz@example.org", f"[TICK:{ticket}] A reminder: Mouse broken")

    @pytest.mark.catalogue("D14")
    def test_a_reminder_about_an_answered_ticket_is_dropped(self, desk: Desk, ticket: int) -> None:
        """The engineer was faster than the mail server."""
        desk.later(minutes=1)
        desk.edit("adiaz", ticket, "I am on my way")
        mail_is_down(desk, False)
        desk.later(minutes=5)
        assert desk.sync().sent == 0
        assert reasons(desk, "dropped") == {
            "nudge": "no longer true: the ticket was answered since"
        }

    def test_the_closing_mail_takes_its_place(self, desk: Desk, ticket: int) -> None:
        """Closed meanwhile: no reminder any more, and the submitter is told as ever."""
        desk.later(minutes=1)
        desk.edit("adiaz", ticket, status="Closed", resolution="New mouse")
        mail_is_down(desk, False)
        desk.later(minutes=5)
        assert desk.sync().sent == 1
        assert desk.mails[-1] == (
            "jdoe@example.org", f"[TICK:{ticket}] Ticket #{ticket} has been closed.",
        )  # fmt: skip
        assert reasons(desk, "dropped") == {"nudge": "no longer true: the ticket was closed since"}

    def test_receipts_and_closings_leave_however_late(self, desk: Desk) -> None:
        """What happened is told, whatever has happened since."""
        mail_is_down(desk)
        number = desk.submit()
        desk.sync()
        desk.later(minutes=5)
        desk.edit("adiaz", number, status="Closed", resolution="New mouse")
        desk.sync()
        desk.later(minutes=5)
        desk.edit("jdoe", number, "No, it is the cable", status="Reopened")
        mail_is_down(desk, False)
        desk.later(minutes=15)
        desk.sync()
        desk.later(minutes=15)
        desk.sync()
        assert [subject.split("] ")[1] for to, subject in desk.mails if to.startswith("jdoe")] == [
            "We have your request: Mouse broken", f"Ticket #{number} has been closed.",
        ]  # fmt: skip


class TestFewerMails:
    """What ``messages:`` asks for, over whole syncs."""

    def many(self, desk: Desk, count: int) -> list[int]:
        """So many new tickets, all of which one engineer gets."""
        return [desk.submit(title=f"VPN drops {number}") for number in range(count)]

    @pytest.fixture
    def told(self, desk: Desk) -> Desk:
        """A site that tells a new owner, and no submitter."""
        desk.config["notify"] = [
            {"id": "assigned", "event": {"changed": "owner"},
             "then": {"notify": {"to": ["new_owner"], "template": "assigned"}}},
        ]  # fmt: skip
        desk.config["escalate"] = []
        return desk

    def test_ten_assignments_of_one_sync_are_one_mail(self, told: Desk) -> None:
        """Every ticket with its address; nothing left over for the next sync."""
        told.config["messages"] = {"group": "2m"}
        numbers = self.many(told, 10)
        report = told.sync()
        assert (report.messages, report.sent) == (10, 1)
        assert told.mails == [("gcho@example.org", "10 messages from the Service Desk")]
        body = text_of(told)
        assert [f"{URL}/adminui/ticket.php?ID={number}\n" in body for number in numbers] == (
            [True] * 10
        )
        told.later(minutes=5)
        assert told.sync().sent == 0
        assert set(reasons(told, "sent").values()) >= {"sent for the first time"}

    def test_nothing_is_gathered_unless_asked_for(self, told: Desk) -> None:
        """Ten messages, ten mails."""
        self.many(told, 10)
        assert told.sync().sent == 10

    def test_staff_mail_waits_for_the_morning(self, desk: Desk) -> None:
        """The submitter of a night's ticket is told at once, the reminder waits for the office."""
        desk.config["messages"] = {"quiet": "office"}
        desk.config["escalate"][0]["levels"][0]["at"] = "12h"
        number = desk.submit()
        desk.sync()
        desk.later(hours=13)
        assert desk.sync().sent == 0
        assert reasons(desk, "pending") == {"nudge": "held until quiet hours end"}
        closed = desk.submit()
        assert desk.sync().sent == 1
        desk.later(hours=10, minutes=1)
        assert desk.sync().sent == 1
        assert {subject for _, subject in desk.mails} == {
            f"[TICK:{number}] We have your request: Mouse broken",
            f"[TICK:{closed}] We have your request: Mouse broken",
            f"[TICK:{number}] A reminder: Mouse broken",
        }

    def test_a_daily_summary_comes_at_its_hour(self, told: Desk) -> None:
        """By login name; on a working day, in the team's zone."""
        told.config["messages"] = {"digest": {"gcho": "08:15"}}
        for _ in range(3):
            told.submit(title="VPN drops")
            assert told.sync().sent == 0
            told.later(hours=1)
        told.later(hours=20)
        assert told.sync().sent == 0
        told.later(minutes=15)
        assert told.sync().sent == 1
        assert told.mails == [("gcho@example.org", "3 messages from the Service Desk")]

    def test_no_more_mails_in_an_hour_than_allowed(self, told: Desk) -> None:
        """The last of them lists the rest."""
        told.config["messages"] = {"cap_per_hour": 3}
        self.many(told, 8)
        assert told.sync().sent == 3
        assert ("gcho@example.org", "6 messages from the Service Desk") in told.mails

    @pytest.mark.catalogue("D11")
    def test_addresses_that_are_never_written_to(self, desk: Desk) -> None:
        """Mailboxes of queues, wherever they are read from: no loop begins."""
        desk.config["messages"] = {"never_to": ["JDoe@example.org"]}
        desk.submit()
        assert desk.sync().sent == 0
        assert reasons(desk, "dropped") == {
            "receipt": "the recipient is an address of the service desk itself"
        }

    def test_replies_to_the_desk_are_not_written_to_either(self, desk: Desk) -> None:
        """The address in desk.reply_to is a queue's."""
        desk.config["desk"] = {"reply_to": "jdoe@example.org"}
        desk.submit()
        assert desk.sync().sent == 0

    @pytest.mark.catalogue("D23")
    def test_what_the_appliance_mails_is_not_mailed_again(self, desk: Desk) -> None:
        """Where it is declared, and asked for."""
        desk.config["appliance"]["mails"] = ["receipt"]
        desk.config["messages"] = {"doubles": "skip"}
        number = desk.submit()
        assert desk.sync().sent == 0
        assert reasons(desk, "dropped") == {"receipt": "the appliance mails this itself"}
        desk.edit("adiaz", number, status="Closed", resolution="New mouse")
        assert desk.sync().sent == 1


BY_FIELD = {"field": "custom_1", "values": {"Deutsch": "de", "English": "en"}}


class TestLanguages:
    def subjects(self, desk: Desk) -> set[str]:
        return {subject.partition("] ")[2] for _, subject in desk.mails}

    def test_the_desk_has_a_language(self, desk: Desk) -> None:
        """Everybody is told in it."""
        desk.config["desk"] = {"language": "de"}
        desk.submit()
        desk.sync()
        desk.later(hours=6)
        desk.sync()
        assert self.subjects(desk) == {
            "Wir haben Ihre Anfrage: Mouse broken", "Zur Erinnerung: Mouse broken",
        }  # fmt: skip

    def test_submitters_may_have_their_own(self, desk: Desk) -> None:
        """As a field of the ticket says; the staff read the desk's."""
        desk.config["desk"] = {"language": BY_FIELD}
        desk.submit(custom_1="Deutsch")
        desk.submit(title="Screen dark", custom_1="English")
        desk.submit(title="No toner")
        desk.sync()
        desk.later(hours=6)
        desk.sync()
        assert self.subjects(desk) == {
            "Wir haben Ihre Anfrage: Mouse broken", "We have your request: Screen dark",
            "We have your request: No toner", "A reminder: Mouse broken",
            "A reminder: Screen dark", "A reminder: No toner",
        }  # fmt: skip

    def test_mails_link_to_the_ticket(self, desk: Desk) -> None:
        """In the text, and as a link in the HTML part."""
        number = desk.submit()
        desk.sync()
        page = f"{URL}/adminui/ticket.php?ID={number}"
        assert f"See your request: {page}\n" in text_of(desk)
        assert f'<a href="{page}">{page}</a>' in text_of(desk, "html")
