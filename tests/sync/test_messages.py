"""Messages over whole syncs: what leaves when, to whom, and what is better not sent."""

from pathlib import Path

import pytest

from tests.support.desk import Desk


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
