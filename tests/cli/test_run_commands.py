"""sync, plan, runs and approve: what they do, print and exit with."""

import json
import os
from pathlib import Path

import pytest

from tests.cli.conftest import Cli
from tests.support.desk import Desk

COUNTS = ("pulled", "changed", "decisions", "applied", "failed", "unknown", "messages", "sent",
          "requests", "seconds")  # fmt: skip


@pytest.fixture
def synced(desk: Desk, cli: Cli) -> Desk:
    """A desk whose queue is known and has one new ticket."""
    assert cli("sync").code == 0
    desk.later(minutes=1)
    desk.submit(title="VPN drops")
    return desk


def test_the_first_sync_explains_that_it_only_learns(desk: Desk, cli: Cli) -> None:
    """Nobody wonders why nothing happened, and nothing did."""
    desk.submit()
    outcome = cli("sync")
    assert outcome.code == 0
    assert outcome.out.startswith(
        "First sync of this queue: 1 ticket learnt, nothing was fired; --backfill would act on"
    )
    assert desk.puts == []
    assert desk.mails == []


def test_backfill_acts_on_what_was_there(desk: Desk, cli: Cli) -> None:
    """Asked for, the first sync routes and answers old tickets too."""
    desk.submit()
    assert "First sync" not in cli("sync", "--backfill").out
    assert desk.owner(1) == "adiaz"


def test_a_sync_says_what_it_did(synced: Desk, cli: Cli) -> None:
    """One line with the figures a person wants."""
    out = cli("sync").out
    assert out.startswith("1 ticket changed, 2 decisions, 1 write, 1 message sent (")
    assert out.count("\n") == 1
    assert synced.owner(1) == "gcho"
    assert cli("sync").out.startswith("Nothing new (")


def test_sync_json_has_the_promised_keys(synced: Desk, cli: Cli) -> None:
    """One object, one line: run first, then the counts."""
    data = cli("sync", "--json").data
    assert next(iter(data)) == "run"
    assert data.keys() >= {"run", *COUNTS}
    assert (data["changed"], data["applied"], data["sent"]) == (1, 1, 1)


def test_quiet_prints_nothing_when_all_is_well(synced: Desk, cli: Cli) -> None:
    """For schedulers: no news is good news."""
    assert cli("-q", "sync").out == ""


def test_a_refused_write_is_named_with_its_ticket(synced: Desk, cli: Cli) -> None:
    """One bad ticket does not stop the run; exit code 1 says that somebody should look."""
    synced.fail(status=400, times=1)
    outcome = cli("sync")
    assert outcome.code == 1
    assert "failed: #1: " in outcome.out


def test_an_unsettled_write_says_when_it_is_looked_at(synced: Desk, cli: Cli) -> None:
    """Lost answers are named as what they are, neither done nor failed."""
    synced.fail(drop_after=True, times=1)
    outcome = cli("sync")
    assert "1 write may or may not have arrived; a sync" in outcome.out


def test_a_dead_appliance_means_later(
    synced: Desk, cli: Cli, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 75, one line."""
    monkeypatch.setenv("KACE_URL", "http://127.0.0.1:1")
    outcome = cli("sync")
    assert outcome.code == 75
    assert outcome.err.count("\n") == 1


def test_shadow_mode_says_that_nothing_is_written(synced: Desk, cli: Cli) -> None:
    """The most asked question of a rehearsal, answered before it is asked."""
    synced.config["mode"] = "shadow"
    out = cli("sync").out
    assert "The mode is shadow: decisions were recorded, nothing was written." in out
    assert synced.owner(1) is None


def test_dry_run_and_plan_change_nothing(synced: Desk, cli: Cli) -> None:
    """Exit code 10 says there is something to do; the sync afterwards does it."""
    for command in (["plan"], ["sync", "--dry-run"]):
        outcome = cli(*command)
        assert outcome.code == 10
        assert "#1 VPN drops" in outcome.out
        text = " ".join(outcome.out.split())
        assert "owner: nobody -> gcho (network-words, rules.yaml:" in text
        assert "message to submitter Jdoe: receipt" in outcome.out
        assert "Plan: 1 ticket to change, 1 message to send. Nothing was written." in outcome.out
    assert synced.owner(1) is None
    assert cli("sync", "--json").data["applied"] == 1
    assert cli("plan").code == 0


def test_a_plan_needs_no_store(desk: Desk, cli: Cli, tmp_path: Path) -> None:
    """The first look at a queue neither creates a database nor hides what it is."""
    desk.submit()
    outcome = cli("plan")
    assert outcome.code == 0
    assert "never synced" in outcome.out
    assert cli("plan", "--backfill").code == 10
    assert not list(tmp_path.glob("*.db"))


def test_plan_json_is_written_to_a_private_file(synced: Desk, cli: Cli, tmp_path: Path) -> None:
    """The file holds what --json prints, for its owner alone."""
    target = tmp_path / "p.json"
    data = cli("plan", "--json", "-o", str(target)).data
    written = json.loads(target.read_text())
    assert written["decisions"] == data["decisions"]
    assert os.name != "posix" or target.stat().st_mode & 0o077 == 0
    first = data["decisions"][0]
    assert (first["ticket"], first["rule"]) == (1, "network-words")
    assert first["effects"] == [{"kind": "update", "before": {"owner": None},
                                 "set": {"owner": "gcho"}}]  # fmt: skip
    assert data["rules"] == {"network-words": 1, "receipt": 1}


def test_a_plan_that_cannot_be_written_is_told(synced: Desk, cli: Cli) -> None:
    """No traceback for a missing folder."""
    outcome = cli("plan", "-o", "nowhere/p.json")
    assert outcome.code == 2
    assert "cannot write nowhere/p.json: No such file or directory" in outcome.err


@pytest.fixture
def held(synced: Desk, cli: Cli) -> str:
    """A run that wanted more than it may: its name."""
    synced.config["limits"] = {"changes_per_run": 1}
    synced.submit(title="Wifi slow")
    outcome = cli("sync")
    assert outcome.code == 4
    assert "Held for approval, nothing was applied: 2 tickets to change, the limit is 1." in (
        outcome.out
    )
    assert synced.puts == []
    return str(cli("runs", "list", "--json").data["runs"][0]["run"])


def test_a_held_run_can_be_seen_and_approved(held: str, synced: Desk, cli: Cli) -> None:
    """Who approves is on record; approving twice does nothing more."""
    assert f"Run {held}" in cli("runs", "show").out
    assert "[held]" in cli("runs", "show", held).out
    outcome = cli("approve", held, "--as", "adiaz")
    assert outcome.code == 0
    assert outcome.out.startswith("2 writes, 2 messages sent")
    assert (synced.owner(1), synced.owner(2)) == ("gcho", "gcho")
    again = cli("approve", held)
    assert again.code == 2
    assert "holds nothing" in again.err


def test_approve_json_counts_what_it_applied(held: str, cli: Cli) -> None:
    """The same object as a sync's."""
    data = cli("approve", "last", "--json").data
    assert (data["run"], data["applied"], data["sent"]) == (held, 2, 2)


def test_runs_show_groups_effects_by_ticket(synced: Desk, cli: Cli) -> None:
    """What was decided and what became of it, in one place."""
    cli("sync")
    text = cli("runs", "show", "last").out
    assert text.index("\n#1\n") < text.index("network-words") < text.index("owner: nobody -> gcho")
    data = cli("runs", "show", "--json").data
    assert [row["rule"] for row in data["decisions"]] == ["network-words", "receipt"]
    assert data["decisions"][0]["effects"][0]["state"] == "applied"


def test_runs_list_starts_with_the_newest(synced: Desk, cli: Cli) -> None:
    """A table for people, rows for programs."""
    cli("sync")
    data = cli("runs", "list", "--json").data["runs"]
    assert [run["outcome"] for run in data] == ["done", "done"]
    assert data[0]["run"] > data[1]["run"] or data[0]["started"] >= data[1]["started"]
    assert max(map(len, cli("runs", "list").out.splitlines())) <= 100


@pytest.mark.parametrize("args", [("runs", "show", "nope"), ("runs", "show"), ("approve", "nope")])
def test_an_unknown_run_is_a_usage_error(cli: Cli, args: tuple[str, ...]) -> None:
    """Also the last one, where there was none."""
    outcome = cli(*args)
    assert outcome.code == 2
    assert "no run" in outcome.err


def test_no_run_yet(cli: Cli) -> None:
    """An empty store is a beginning, not a failure."""
    assert cli("runs", "list").out == "No run yet. Start one: kace-bridge sync\n"


@pytest.mark.parametrize("command", ["sync", "plan"])
def test_a_moment_that_is_none_is_told(cli: Cli, command: str) -> None:
    """--at takes a time and says how one is written."""
    outcome = cli("--at", "yesterday", command)
    assert outcome.code == 2
    assert "write it like 2026-03-02T09:00" in outcome.err
