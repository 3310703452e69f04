"""silence: what fits is not sent while it lasts, and is kept."""

import pytest

from tests.cli.conftest import Cli
from tests.support.desk import Desk

WHY = ("--reason", "training", "--as", "bkim")


@pytest.mark.parametrize(
    ("match", "sent"),
    [
        pytest.param("ticket=1", [2], id="one ticket"),
        pytest.param("ticket=TICK:2", [1], id="another, as copied from a mail"),
        pytest.param("rule=receipt", [], id="a rule"),
        pytest.param("rule=no-first-answer", [1, 2], id="another rule"),
        pytest.param("rule=re*", [], id="rules that begin so"),
        pytest.param("template=Receipt", [], id="a template"),
        pytest.param("recipient=jdoe@EXAMPLE.org", [2], id="a recipient"),
        pytest.param("recipient=*@example.org", [], id="a domain"),
        pytest.param("ticket=1 template=closed", [1, 2], id="all that is named must fit"),
    ],
)
def test_what_fits_is_not_sent(desk: Desk, cli: Cli, match: str, sent: list[int]) -> None:
    """Receipts of two tickets, by two people."""
    desk.sync()
    assert cli("silence", "add", *match.split(), *WHY).code == 0
    desk.submit("jdoe")
    desk.submit("provost")
    desk.sync()
    whom = {1: "jdoe@example.org", 2: "provost@example.org"}
    assert sorted(to for to, _ in desk.mails) == sorted(whom[number] for number in sent)
    dropped = cli("outbox", "list", "--state", "dropped", "--json").data["messages"]
    assert len(dropped) == 2 - len(sent)
    assert all(message["last_error"] == "silenced" for message in dropped)


def test_it_ends_by_itself_and_by_hand(desk: Desk, cli: Cli) -> None:
    """An hour for one, a word for the other."""
    desk.sync()
    cli("silence", "add", "template=receipt", "--for", "1h", *WHY)
    cli("silence", "add", "recipient=*", "--for", "1bd", *WHY)
    assert cli("silence", "expire", "2").code == 0
    desk.later(hours=1, minutes=1)
    desk.submit()
    desk.sync()
    assert len(desk.mails) == 1
    assert cli("silence", "list").out == "Nothing is silenced.\n"


def test_the_list_says_who_and_why(cli: Cli) -> None:
    """Within 80 columns."""
    outcome = cli("silence", "add", "ticket=41", "template=nudge", *WHY)
    assert "template=nudge ticket=41.\nEnd it with: kace-bridge silence expire 1" in outcome.out
    lines = cli("silence", "list").out.splitlines()
    assert lines[1].split()[-2:] == ["bkim", "training"]
    assert max(map(len, lines)) <= 80
    (found,) = cli("silence", "list", "--json").data["silences"]
    assert found["match"] == {"template": "nudge", "ticket": "41"}


@pytest.mark.parametrize(
    ("args", "said"),
    [
        pytest.param("add tickt=1", "unknown key 'tickt'. Did you mean 'ticket'?", id="key"),
        pytest.param("add ticket", "'ticket' is no KEY=VALUE", id="no value"),
        pytest.param("add ticket=1 ticket=2", "named twice", id="twice"),
        pytest.param("add ticket=x", "'x' is no ticket number", id="number"),
        pytest.param("add rule=recept", "Did you mean 'receipt'?", id="rule"),
        pytest.param("add ticket=1 --for soon --reason x", "--for 'soon' is no time", id="length"),
        pytest.param("add ticket=1", "--reason is missing", id="reason"),
        pytest.param("expire 9", "no silence 9", id="unknown number"),
    ],
)
def test_mistakes_are_told_with_the_cure(cli: Cli, args: str, said: str) -> None:
    """Nothing is stored."""
    outcome = cli("silence", *args.split())
    assert outcome.code == 2
    assert said in outcome.err


def test_a_rehearsal_stores_nothing(cli: Cli) -> None:
    """--dry-run shows how it was understood."""
    outcome = cli("silence", "add", "ticket=1", *WHY, "--dry-run")
    assert "Would be silent until 2026-03-02 13:00: ticket=1." in outcome.out
    assert cli("silence", "list").out == "Nothing is silenced.\n"
