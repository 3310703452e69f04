"""S03, S04: a secret comes from where only the service reads, and shows up nowhere."""

import re
from pathlib import Path

import click
import pytest

from kace_bridge.cli.program import program
from tests.cli.conftest import Cli, _plain_environment, cli, desk
from tests.support.desk import TICKETS, Desk

__all__ = ["_plain_environment", "cli", "desk"]

PASSWORD, TOKEN, SMTP = "sandbox-password", "c4n4ry-t0k3n", "c4n4ry-sm7p"
CANARIES = (PASSWORD, TOKEN, SMTP)
FAULTS = [
    {"status": 500}, {"status": 503}, {"status": 401, "times": 9}, {"status": 403, "times": 9},
    {"html": 200},
    {"drop_before": True}, {"drop_after": True}, {"truncate": 20}, {"expire_session": True},
]  # fmt: skip
COMMANDS = [
    ["sync"], ["plan"], ["list"], ["show", "1"], ["doctor"], ["rules", "check", "--online"],
    ["outbox", "list"], ["escalate", "1", "--to", "css", "--reason", "x", "--yes"],
]  # fmt: skip


@pytest.fixture
def armed(desk: Desk, cli: Cli, monkeypatch: pytest.MonkeyPatch) -> Cli:
    """A site whose every secret is a canary, and whose ticket repeats them all."""
    assert desk.app.settings.password == PASSWORD
    monkeypatch.setenv("OPS_URL", f"https://127.0.0.1:1/hook/{TOKEN}?key={TOKEN}")
    monkeypatch.setenv("SMTP_URL", f"smtp://user:{SMTP}@127.0.0.1:1")
    desk.config["channels"] |= {
        "ops": {"kind": "webhook", "url": {"env": "OPS_URL"}, "sign": {"env": "KACE_PASSWORD"},
                "allow_private": True},
        "post": {"kind": "email", "smtp": {"env": "SMTP_URL"}, "from": "desk@example.org"},
    }  # fmt: skip
    desk.config["notify"] += [
        {"id": "to-ops", "event": "created",
         "then": {"notify": {"to": ["submitter"], "template": "receipt", "channel": "ops"}}},
        {"id": "to-post", "event": "created",
         "then": {"notify": {"to": ["submitter"], "template": "receipt", "channel": "post"}}},
    ]  # fmt: skip
    return cli


def everything_left(folder: Path) -> bytes:
    """Every file the program wrote: the store, its log, mails, backups."""
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


@pytest.mark.catalogue("S04")
def test_no_output_and_no_file_ever_holds_a_secret(armed: Cli, desk: Desk, tmp_path: Path) -> None:
    """Every command, at full verbosity, through every kind of fault of the appliance."""
    assert armed("sync").code == 0
    for fault in [None, *FAULTS]:
        desk.later(minutes=5)
        desk.submit(title="vpn")
        desk.app.faults.clear()
        if fault:
            desk.fail("GET", f"{TICKETS}*", **fault)
        for command in COMMANDS:
            said = armed("-vv", *command)
            assert not [canary for canary in CANARIES if canary in said.out + said.err], command
    left = everything_left(tmp_path)
    assert not [canary for canary in CANARIES if canary.encode() in left]


@pytest.mark.catalogue("S03")
def test_no_option_takes_a_secret() -> None:
    """A command line is seen by every process of the machine and kept in its history."""
    asking = [
        f"{path} {name}"
        for path, command in walk(program, "")
        for param in command.params
        for name in param.opts
        if re.search(r"pass(word)?|secret|token|totp|seed", name) and "--seed" not in name
    ]
    assert asking == []


@pytest.mark.catalogue("S03")
def test_a_secret_written_into_the_rules_is_refused(armed: Cli, desk: Desk) -> None:
    """With the cure, and without repeating it."""
    desk.config["appliance"]["password"] = PASSWORD
    said = armed("rules", "check")
    assert said.code == 78
    assert "env" in said.err + said.out
    assert PASSWORD not in said.err + said.out


def walk(command: click.Command, path: str) -> list[tuple[str, click.Command]]:
    """Every command with its full name."""
    found = [(f"{path} {command.name}".strip(), command)]
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            assert inner is not None
            found += walk(inner, f"{path} {name}".strip())
    return found
