"""Settings of ``messages:`` and of the appliance's own mails, and what is wrong with them."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from kace_bridge.config.load import Site, read_site

RULES: dict[str, Any] = {
    "version": 1,
    "calendars": {"office": {"timezone": "UTC", "week": {"mon-fri": ["08:00-17:00"]}}},
    "teams": {"desk": {"members": ["adiaz"], "calendar": "office"}},
    "clocks": {"respond": {"calendar": "office", "start": "created", "stop": "closed",
                           "target": "1bd"}},
    "escalate": [{"id": "slow", "clock": "respond", "levels": [
        {"at": "100%", "then": {"notify": {"to": ["owner"], "template": "assigned"}}}]}],
    "notify": [
        {"id": "hello", "event": "created",
         "then": {"notify": {"to": ["submitter"], "template": "receipt"}}},
        {"id": "bye", "event": {"changed": {"status": {"to": {"state": "closed"}}}},
         "then": {"notify": {"to": ["submitter"], "template": "closed-no-reply"}}},
    ],
}  # fmt: skip


def read(tmp_path: Path, **settings: object) -> tuple[Site | None, list[str]]:
    """The site with *settings*, and its problems as they are printed."""
    path = tmp_path / "rules.yaml"
    path.write_text(yaml.safe_dump(RULES | settings, sort_keys=False))
    site, problems = read_site(path, environ={}, secrets=False)
    return site, [str(problem) for problem in problems]


def test_everything_can_be_set(tmp_path: Path) -> None:
    """And nothing has to be."""
    site, problems = read(
        tmp_path,
        messages={
            "group": "2m", "digest": {"desk": "08:15", "adiaz": "07:00", "lead": "16:30"},
            "quiet": "office", "cap_per_hour": 20, "never_to": ["desk@example.org"],
            "doubles": "skip",
        },
    )  # fmt: skip
    assert problems == []
    assert site is not None
    assert (site.settings.messages.group, site.settings.messages.cap_per_hour) == ("2m", 20)
    plain, _ = read(tmp_path)
    assert plain is not None
    assert (plain.settings.messages.quiet, plain.settings.messages.cap_per_hour) == (None, None)


@pytest.mark.parametrize(
    ("messages", "words"),
    [
        pytest.param({"group": "2 days"}, "2 days", id="no duration"),
        pytest.param({"group": "2bd"}, "no wait: write 30s, 2m or 1h", id="too long a window"),
        pytest.param({"digest": {"desk": "8:15"}}, "write 08:15", id="no time of day"),
        pytest.param({"digest": {"desk": "24:00"}}, "write 08:15", id="no such hour"),
        pytest.param({"digest": {"submitter": "08:15"}}, "would reach no ticket",
                     id="submitters get none"),
        pytest.param({"quiet": "offce"}, "unknown calendar 'offce'. Did you mean 'office'?",
                     id="a calendar misspelled"),
        pytest.param({"cap_per_hour": 0}, "cap_per_hour", id="no mail at all"),
        pytest.param({"never_to": ["desk"]}, "'desk' is not an e-mail address", id="no address"),
        pytest.param({"doubles": "drop"}, "skip", id="an unknown word"),
        pytest.param({"grup": "2m"}, "Did you mean 'group'?", id="a key misspelled"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_line(
    tmp_path: Path, messages: dict[str, object], words: str
) -> None:
    """One line: what, where, what to do."""
    site, (problem,) = read(tmp_path, messages=messages)
    assert site is None
    assert problem.startswith("rules.yaml:")
    assert words in problem


def line_of(tmp_path: Path, text: str) -> int:
    lines = (tmp_path / "rules.yaml").read_text().splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def test_rules_that_double_the_appliances_mails_are_named(tmp_path: Path) -> None:
    """A warning with the line of each, levels of escalations included."""
    site, problems = read(tmp_path, appliance={"mails": ["receipt", "owner_change"]})
    assert site is not None
    assert [problem.partition("warning: ")[2].partition(",")[0] for problem in problems] == [
        "rule 'slow' mails 'assigned'", "rule 'hello' mails 'receipt'",
    ]  # fmt: skip
    assert problems[1].startswith(f"rules.yaml:{line_of(tmp_path, 'id: hello')}:1: warning: ")
    assert "Drop the rule, or switch the appliance's mail off" in problems[1]


def test_a_variety_of_a_template_doubles_too(tmp_path: Path) -> None:
    """closed-no-reply is a closing mail; and the warning says when it is skipped."""
    _, (problem,) = read(tmp_path, appliance={"mails": ["closed"]}, messages={"doubles": "skip"})
    assert "rule 'bye' mails 'closed-no-reply'" in problem
    assert "It is not sent: messages.doubles is skip" in problem


def test_an_unknown_event_of_the_appliance_is_refused(tmp_path: Path) -> None:
    """Only what is known to be mailed can be declared."""
    site, (problem,) = read(tmp_path, appliance={"mails": ["reciept"]})
    assert site is None
    assert "receipt" in problem


@pytest.mark.parametrize(
    ("language", "words"),
    [
        pytest.param("German", "language", id="no short name"),
        pytest.param({"field": "custom_1"}, "values", id="nothing said of the values"),
        pytest.param({"field": "custom_1", "values": {"Deutsch": "Deutsch"}}, "Deutsch",
                     id="a value that means no language"),
    ],
)  # fmt: skip
def test_a_language_is_named_by_its_short_name(
    tmp_path: Path, language: object, words: str
) -> None:
    """As its folder is."""
    site, (problem,) = read(tmp_path, desk={"language": language})
    assert site is None
    assert words in problem


def test_a_broken_translation_is_found_with_its_line(tmp_path: Path) -> None:
    """Before a mail in that language is due."""
    (tmp_path / "mails" / "fr").mkdir(parents=True)
    (tmp_path / "mails" / "fr" / "receipt.txt").write_text(
        "Subject: [TICK:{{ ticket.id }}] x\n\n{{ ticket.titel }}"
    )
    site, (problem,) = read(tmp_path, desk={"language": "fr"}, templates="mails")
    assert site is None
    assert problem.startswith("mails/fr/receipt.txt:3:1: unknown name 'ticket.titel'")
