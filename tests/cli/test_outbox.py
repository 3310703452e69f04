"""outbox: what waits, what failed, and what a person may do about it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.cli.conftest import Cli
from tests.support.desk import Desk


@pytest.fixture
def waiting(desk: Desk, cli: Cli) -> str:
    """A message that could not be delivered: its key."""
    cli("sync")
    desk.later(minutes=1)
    desk.submit(title="Mouse \x1b[31mbroken")
    (desk.folder / "mail").write_text("not a folder")
    outcome = cli("sync")
    assert "could not be delivered: kace-bridge outbox list" in outcome.out
    return str(cli("outbox", "list", "--json").data["messages"][0]["key"])


def test_what_waits_is_listed_with_its_reason(waiting: str, cli: Cli) -> None:
    """Recipient, tries and why; hostile subjects stay harmless."""
    out = cli("outbox", "list").out
    assert waiting[:10] in out
    assert "jdoe@example.org" in out
    shown = cli("outbox", "show", waiting[:6]).out
    assert "[TICK:1] We have your request: Mouse [31mbroken" in shown
    assert "\x1b" not in shown


def test_json_shapes(waiting: str, cli: Cli) -> None:
    """Rows without bodies in the list, the body in show."""
    row = cli("outbox", "list", "--json").data["messages"][0]
    assert (row["ticket"], row["to"], row["template"]) == (1, "jdoe@example.org", "receipt")
    assert "text" not in row
    assert "Mouse" in cli("outbox", "show", waiting, "--json").data["text"]


def test_a_dropped_message_can_be_taken_back(waiting: str, desk: Desk, cli: Cli) -> None:
    """Nothing is lost by a hasty hand."""
    assert cli("outbox", "drop", waiting, "--reason", "left").out == "1 message dropped.\n"
    assert cli("outbox", "list").out == "Nothing waits and nothing failed.\n"
    assert cli("outbox", "list", "--state", "dropped", "--json").data["messages"][0]["last_error"]
    assert cli("outbox", "retry", waiting).out.startswith("1 message back in line")
    (desk.folder / "mail").unlink()
    desk.app.clock.set(datetime.now(UTC) + timedelta(minutes=1))
    cli("sync")
    assert ("jdoe@example.org", "[TICK:1] We have your request: Mouse [31mbroken") in desk.mails


def test_a_message_that_was_sent_is_not_sent_again(desk: Desk, cli: Cli) -> None:
    """retry and drop say why they leave it alone, and exit 1."""
    cli("sync")
    desk.later(minutes=1)
    desk.submit()
    cli("sync")
    key = cli("outbox", "list", "--state", "sent", "--json").data["messages"][0]["key"]
    for verb in ("retry", "drop"):
        outcome = cli("outbox", verb, key)
        assert outcome.code == 1
        assert f"{key[:10]} stays as it is (sent)" in outcome.err
        assert cli("outbox", verb, key, "--json").data["unchanged"] == [key]


def test_retry_wants_to_be_told_what(cli: Cli) -> None:
    """Neither a key nor --dead is a mistake."""
    assert cli("outbox", "retry").code == 2
    assert cli("outbox", "retry", "--dead").out == "0 messages back in line.\n"


def test_a_channel_is_asked_at_once(waiting: str, desk: Desk, cli: Cli) -> None:
    """By hand, before its rest or its messages' wait is over; a name nobody knows is a mistake."""
    del waiting
    (desk.folder / "mail").unlink()
    assert cli("sync", "--json").data["sent"] == 0
    said = cli("outbox", "retry", "--channel", "mail").out
    assert said == "The next sync asks 'mail' again; 1 message waited for it.\n"
    assert cli("sync", "--json").data["sent"] == 1
    outcome = cli("outbox", "retry", "--channel", "mail")
    assert outcome.code == 2
    assert "channel 'mail' does not rest, and no message waits for it" in outcome.err


def test_a_channel_asked_at_once_in_json(waiting: str, cli: Cli) -> None:
    """How many messages waited for it, beside the messages named."""
    del waiting
    assert cli("outbox", "retry", "--channel", "mail", "--json").data == {
        "retried": [], "unchanged": [], "channels": {"mail": 1}
    }  # fmt: skip


def test_an_unknown_key(cli: Cli) -> None:
    """Named, with the way to find the right one."""
    outcome = cli("outbox", "show", "zz")
    assert outcome.code == 2
    assert "no message 'zz'; 'kace-bridge outbox list' shows the keys" in outcome.err
