"""Two versions of the rules over the same tickets, and where versions come from."""

import json
import subprocess
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from kace_bridge.config.load import Site, load
from kace_bridge.errors import ConfigError, UsageError
from kace_bridge.sync.compare import Comparison, compare, pasts_in, rule_moves
from kace_bridge.sync.desk import FRESH_STATES
from kace_bridge.sync.recorded import read_pasts, states_of, stored_desk
from kace_bridge.sync.versions import open_version
from tests.support.desk import Desk
from tests.sync.test_replay import ZONE

FRIDAY = datetime(2026, 3, 6, 17, 0, tzinfo=ZONE)


def changed(desk: Desk, *, intake: bool = False, **parts: Any) -> Comparison:
    """What changes for everything recorded when *parts* of the configuration do."""
    old = desk.site.rules
    desk.config |= parts
    with desk.bridge(read_only=True) as bridge:
        people = stored_desk(old, bridge.store)
        pasts = list(read_pasts(bridge.store, ZONE, people))
        until = None if intake else FRIDAY
        return compare(old, desk.site.rules, pasts, people, states_of(pasts), until)


def test_the_same_rules_change_nothing(desk: Desk):
    """Also where rules were only renamed or moved about."""
    desk.submit()
    desk.sync()
    route = [{**rule, "id": rule["id"] + "-2"} for rule in desk.config["route"]]
    found = changed(desk, route=route)
    assert (found.tickets, found.changed) == (2, [])


def test_a_ticket_that_goes_elsewhere(desk: Desk):
    """Rule to rule, owner and team; the other ticket is not listed."""
    vpn = desk.submit(title="No vpn")
    desk.submit()
    desk.sync()
    found = changed(desk, intake=True, route=desk.config["route"][1:])
    (one,) = found.changed
    assert (one.ticket, one.old.owner, one.new.owner) == (vpn, "gcho", "adiaz")
    assert (one.old.team, one.new.team) == ("LEAD Network", "desk")
    assert rule_moves(one) == [("network-words", "everything-else")]
    assert found.moves == {("network-words", "everything-else"): 1}


def test_levels_count_unless_only_the_intake_is_asked_for(desk: Desk):
    """A later escalation is no different outcome at the door, but one in the end."""
    desk.submit()
    desk.sync()
    levels = [{"at": "2bd", "then": {"set": {"priority": "High"}}}]
    escalate = [{"id": "no-first-answer", "clock": "respond", "levels": levels}]
    assert changed(desk, intake=True, escalate=escalate).changed == []
    found = changed(desk, escalate=[])
    assert [move[0] for one in found.changed for move in rule_moves(one)] == [
        "no-first-answer level 1"
    ] * len(found.changed)


def test_other_words_are_told_apart(desk: Desk):
    """A template that reads differently is a change, marked as one of words alone."""
    desk.submit()
    desk.sync()
    folder = desk.folder / "words"
    folder.mkdir()
    (folder / "receipt.txt").write_text("Subject: [TICK:{{ ticket.id }}] Got it\n\nThank you.\n")
    found = changed(desk, intake=True, templates="words")
    assert {one.only_words for one in found.changed} == {True}


def test_a_dump_is_judged_at_the_door(desk: Desk):
    """Titles and categories are enough; owners and states of the dump do not count."""
    rules = desk.site.rules
    people = stored_desk_of(desk)
    data = {"tickets": [{"title": "No vpn", "owner": "epark", "status": "Closed"}, {"title": "x"}]}
    pasts = pasts_in(data, ZONE, people, FRESH_STATES)
    desk.config["route"] = desk.config["route"][1:]
    found = compare(rules, desk.site.rules, pasts, people, FRESH_STATES, None)
    assert [(one.ticket, one.old.owner) for one in found.changed] == [(1, "gcho")]


def stored_desk_of(desk: Desk) -> Any:
    with desk.bridge(read_only=True) as bridge:
        return stored_desk(bridge.site.rules, bridge.store)


@pytest.mark.parametrize(
    ("data", "said"),
    [
        pytest.param({"users": []}, "no list of tickets", id="no tickets"),
        pytest.param(["x"], "entry 1 of the dump is no ticket", id="no map"),
        pytest.param([{"created": "soon"}], "entry 1 of the dump: created is no time", id="a time"),
        pytest.param([{"id": "a"}], "entry 1 of the dump: ticket.id", id="a number"),
    ],
)
def test_a_dump_that_is_none_is_told(desk: Desk, data: Any, said: str):
    """The first entry at fault, in one line."""
    with pytest.raises(UsageError, match=said):
        pasts_in(data, ZONE, stored_desk_of(desk), FRESH_STATES)


# -- versions -----------------------------------------------------------------------------------


def git(folder: Path, *words: str) -> None:
    who = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True)


@pytest.fixture
def repository(desk: Desk) -> Desk:
    """The site in git: one route committed, another in the work tree."""
    config = desk.path
    git(desk.folder, "init", "-q", "-b", "main")
    git(desk.folder, "add", config.name)
    git(desk.folder, "commit", "-q", "-m", "First")
    desk.config["route"] = desk.config["route"][1:]
    assert desk.path == config
    return desk


def read(desk: Desk, name: str) -> Site:
    with open_version(name, desk.path, desk.environ) as site:
        return site


def test_a_revision_is_read_without_touching_the_work_tree(repository: Desk):
    """The rules as committed, while the file says something else, and stays so."""
    before = repository.path.read_text()
    assert [rule.id for rule in read(repository, "main").rules.of("route")] == [
        "network-words", "everything-else",
    ]  # fmt: skip
    assert repository.path.read_text() == before
    assert [rule.id for rule in load(repository.path, environ=repository.environ).rules.of("route")
            ] == ["everything-else"]  # fmt: skip


def test_files_and_folders_are_versions_too(desk: Desk):
    """A folder is its rules.yaml."""
    other = desk.folder / "draft"
    other.mkdir()
    (other / "rules.yaml").write_text(json.dumps({**desk.config, "mode": "shadow"}))
    assert read(desk, str(other)).rules.mode == "shadow"
    assert read(desk, str(other / "rules.yaml")).rules.mode == "shadow"


@pytest.mark.parametrize("name", ["nope", "--upload-pack=x", "-n", ""])
def test_what_is_no_version_is_told(repository: Desk, name: str):
    """Never taken for an option of git."""
    with pytest.raises(UsageError, match="is no file, no folder and no revision"):
        read(repository, name)


def test_without_a_repository_it_is_said(desk: Desk):
    """In git's own words, on one line."""
    with pytest.raises(UsageError, match="not a git repository"):
        read(desk, "main")


def test_a_broken_version_shows_its_problems(repository: Desk):
    """With the places in the version's own files."""
    repository.config["route"] = [{"id": "x"}]
    git(repository.folder, "commit", "-q", "-m", "Broken", repository.path.name)
    with pytest.raises(ConfigError, match="then"):
        read(repository, "HEAD")
