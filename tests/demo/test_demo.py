"""The demo keeps every promise it tells of."""

import email
import email.policy
from pathlib import Path

import pytest

from kace_bridge.demo.stage import set_stage
from kace_bridge.demo.story import START, Ending, play
from kace_bridge.demo.telling import Teller
from kace_bridge.errors import UsageError


def unheard(text: str, style: str) -> None:
    """A listener that does not listen."""
    del text, style


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> tuple[Ending, list[str], Path]:
    """The demo, played once: its ending, its lines, its folder."""
    folder = tmp_path_factory.mktemp("a place") / "demo"
    with set_stage(folder, seed=1, tickets=25, start=START) as stage:
        names = {row["user_name"]: row["full_name"] for row in stage.dump()["users"]}
        teller = Teller(unheard, names)
        ending = play(stage, teller)
    return ending, teller.lines, folder


def test_every_promise_is_kept(played: tuple[Ending, list[str], Path]) -> None:
    """Receipts, routing, escalation, reminder, closing mail and re-open alert all happen once."""
    assert played[0].broken == []


def test_the_figures_are_numbers_of_what_happened(played: tuple[Ending, list[str], Path]) -> None:
    """At least the four tickets of the story are worked on, escalated and told of."""
    ending, _, folder = played
    assert ending.tickets >= 4
    assert ending.escalations >= 3
    assert ending.reopened == 1
    assert ending.messages == len(list((folder / "mail").glob("*.eml")))


@pytest.mark.parametrize(
    "said",
    [
        "1. Submission", "2. Assessment", "3. Escalation", "4. Updates", "5. Resolution",
        "6. Re-open", "to-network", "because category under Network",
        "has been closed.", "nothing to do, nothing sent",
    ],
)  # fmt: skip
def test_the_story_tells_the_process(played: tuple[Ending, list[str], Path], said: str) -> None:
    """Each step, its rule, its reason and its message are in the story."""
    assert any(said in line for line in played[1])


def test_the_mails_can_be_read_by_a_mail_program(
    played: tuple[Ending, list[str], Path],
) -> None:
    """Each mail parses without defects, names one recipient and keeps its ticket's tag."""
    for path in (played[2] / "mail").glob("*.eml"):
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        assert not message.defects
        assert str(message["Subject"]).startswith("[TICK:")
        assert str(message["To"]).count("@") == 1
        assert message["Auto-Submitted"] == "auto-generated"


def test_a_folder_with_other_things_in_it_is_left_alone(tmp_path: Path) -> None:
    """The demo never deletes what it did not make."""
    (tmp_path / "thesis.txt").write_text("precious", encoding="utf-8")
    with (
        pytest.raises(UsageError, match="not empty"),
        set_stage(tmp_path, seed=1, tickets=1, start=START),
    ):
        pass
    assert (tmp_path / "thesis.txt").read_text(encoding="utf-8") == "precious"
