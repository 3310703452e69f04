"""The program around the commands: help, mistakes, and every way to end."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from kace_bridge import __version__
from kace_bridge.cli.commands import GROUPS, SECTIONS, Entry, entries
from kace_bridge.cli.context import App
from kace_bridge.cli.failure import examples_of
from kace_bridge.cli.group import load
from kace_bridge.cli.program import program
from kace_bridge.errors import (
    ConfigError,
    Held,
    KaceBridgeError,
    LoginRefused,
    NotFound,
    RetryLater,
    UnexpectedReply,
    UsageError,
)
from tests.cli.conftest import invoke

EVERY = [pytest.param(entry, id=entry.name) for entry in entries()]
HEAVY = (
    "requests", "urllib3", "pydantic", "sqlite3", "jinja2", "rich", "yaml", "tenacity", "holidays",
    "html.parser", "kace_bridge.rules",
)  # fmt: skip


def run(*args: str, **given: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *args], capture_output=True, text=True, timeout=60, check=False, **given
    )  # type: ignore[call-overload,no-any-return]


def test_the_version_is_told() -> None:
    """--version prints the program and its version."""
    outcome = invoke("--version")
    assert (outcome.code, outcome.out) == (0, f"kace-bridge {__version__}\n")


def test_help_lists_every_command_in_its_section() -> None:
    """Nobody has to guess what there is."""
    text = invoke("--help").out
    for title, section in SECTIONS:
        assert f"\n{title}:\n" in text
        for entry in section:
            assert f"  {entry.name} " in text
            assert entry.help in text
    assert max(map(len, text.splitlines())) <= 80


@pytest.mark.parametrize("args", [["--version"], ["--help"], ["sync", "--help"]])
def test_start_up_imports_nothing_heavy(args: list[str]) -> None:
    """Help and version cost little more than click itself."""
    code = (
        "import sys; from kace_bridge.cli.program import program;"
        f"program.main({args!r}, standalone_mode=False);"
        f"print([m for m in {HEAVY!r} if m in sys.modules])"
    )
    done = run("-c", code)
    assert done.stdout.splitlines()[-1] == "[]", done.stderr


@pytest.mark.parametrize("entry", EVERY)
def test_every_command_documents_itself(entry: Entry) -> None:
    """One line for the list, examples, --json and exit codes."""
    command = load(entry)
    text = f"{command.help}\n{command.epilog or ''}"
    assert entry.help.endswith(".")
    assert examples_of(command)
    assert "Exit codes" in text
    assert any("--json" in param.opts for param in command.params)


@pytest.mark.parametrize("entry", EVERY)
def test_every_example_is_a_valid_command_line(entry: Entry) -> None:
    """What the help shows can be typed as it stands, and shows the command itself."""
    ends = []
    for line in examples_of(load(entry)):
        name, *words = shlex.split(line)
        assert name == "kace-bridge"
        ends.append(parse(words))
    assert entry.name.split()[-1] in ends


def parse(words: list[str]) -> str:
    """Let click read a command line down to its command, without running it."""
    command: click.Command = program
    parent = None
    rest = words
    while isinstance(command, click.Group):
        context = command.make_context("kace-bridge", rest, parent=parent, obj=App())
        name, found, rest = command.resolve_command(context, context._protected_args + context.args)
        assert found is not None
        command, parent = found, context
    command.make_context(str(name), rest, parent=parent)
    return str(name)


def test_every_group_is_explained() -> None:
    """A first word that stands for several commands says what they are about."""
    words = {entry.name.split()[0] for entry in entries() if " " in entry.name}
    assert words == set(GROUPS)
    for word in words:
        assert GROUPS[word] in invoke(word, "--help").out


@pytest.mark.parametrize(
    ("line", "said"),
    [
        pytest.param("syn", "Did you mean 'sync'?", id="a mistyped command"),
        pytest.param("rules chek", "Did you mean 'rules check'?", id="a mistyped second word"),
        pytest.param("check", "Did you mean 'rules check'?", id="a forgotten first word"),
        pytest.param("frobnicate", "There are: demo, init", id="nothing like it"),
        pytest.param("sync --dry", "no option '--dry'. Did you mean", id="a mistyped option"),
        pytest.param("sync --colour", "Did you mean '--no-color'?", id="a global option mistyped"),
        pytest.param("--verson", "Did you mean '--version'?", id="a mistyped option in front"),
        pytest.param("sync --state x", "--state goes before the command", id="misplaced option"),
        pytest.param("show", "Missing argument 'ID'", id="a missing argument"),
        pytest.param("show 4x", "'4x' is no ticket number; write 4411", id="a bad ticket number"),
        pytest.param("list --limit some", "'some' is not a valid", id="a bad number"),
    ],
)  # fmt: skip
def test_a_wrong_command_line_is_told_with_its_cure(line: str, said: str) -> None:
    """Exit code 2, what is wrong, how it is written, where there is more."""
    outcome = invoke(*line.split())
    assert outcome.code == 2
    assert said in outcome.err
    assert all(text.startswith("kace-bridge: ") for text in outcome.err.splitlines())
    assert "--help" in outcome.err.splitlines()[-1]
    assert outcome.out == ""


def test_a_usage_error_shows_an_example() -> None:
    """The first example of the command at hand."""
    assert "example: kace-bridge show 41\n" in invoke("show").err


def test_no_command_shows_the_help() -> None:
    """Calling the bare program is a question, answered on stderr with code 2."""
    outcome = invoke()
    assert outcome.code == 2
    assert "Usage: kace-bridge" in outcome.err


def raising(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    def fail(*args: object, **given: object) -> None:
        raise error

    monkeypatch.setattr("kace_bridge.config.load.load", fail)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (ConfigError(["a.yaml:1: first", "a.yaml:2: second"]), 78,
         "kace-bridge: a.yaml:1: first\nkace-bridge: a.yaml:2: second\n"),
        (LoginRefused("login refused"), 77, "kace-bridge: login refused\n"),
        (RetryLater("down"), 75, "kace-bridge: down\n"),
        (UnexpectedReply("not JSON"), 75, "kace-bridge: not JSON\n"),
        (NotFound("no ticket 4", status=404), 1, "kace-bridge: no ticket 4\n"),
        (Held("too much"), 4, "kace-bridge: too much\n"),
        (UsageError("no such team"), 2, "kace-bridge: no such team\n"),
        (KaceBridgeError("broken"), 1, "kace-bridge: broken\n"),
        (KeyboardInterrupt(), 130, "kace-bridge: interrupted\n"),
        (RuntimeError("boom"), 70, ("kace-bridge: unexpected error: RuntimeError: boom;"
                                   " run with -v for the details\n")),
        (OSError(28, "No space left"), 74, ("kace-bridge: cannot write: no space left on the"
                                           " device\n")),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, BaseException) else None,
)  # fmt: skip
def test_every_error_is_one_line_and_one_code(
    monkeypatch: pytest.MonkeyPatch, error: BaseException, code: int, said: str
) -> None:
    """The exit codes of the design; never a traceback."""
    raising(monkeypatch, error)
    outcome = invoke("rules", "test")
    assert (outcome.code, outcome.err, outcome.out) == (code, said, "")


def test_a_traceback_is_shown_on_request_without_values(monkeypatch: pytest.MonkeyPatch) -> None:
    """-v tells where it happened; local values stay out, they may be secrets."""
    password = "hunter" + "2"

    def fail(*args: object, **given: object) -> None:
        hidden = password
        raise RuntimeError(f"boom {len(hidden)}")

    monkeypatch.setattr("kace_bridge.config.load.load", fail)
    outcome = invoke("-v", "rules", "test")
    assert outcome.code == 70
    assert "Traceback" in outcome.err
    assert "in rules_test" in outcome.err
    assert "hunter2" not in outcome.err


def test_a_hostile_error_cannot_steer_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """What an appliance puts into a refusal is cleaned before it is shown."""
    raising(monkeypatch, NotFound("\x1b[2Jgone\x07\u202e", status=404))
    assert invoke("rules", "test").err == "kace-bridge: [2Jgone\n"


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    """``kace-bridge ... | head`` prints nothing about pipes."""
    line = f"{shlex.quote(sys.executable)} -m kace_bridge --help | true; echo ${{PIPESTATUS[0]}}"
    root = Path(__file__).parents[2]
    env = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        ["bash", "-c", line], cwd=tmp_path, env=env, capture_output=True, text=True, timeout=60,
        check=True,
    )  # fmt: skip
    assert done.stderr == ""
    assert done.stdout.strip() in {"0", "141"}


def test_a_character_the_terminal_cannot_show_is_no_error(tmp_path: Path) -> None:
    """It becomes an escape."""
    root = str(Path(__file__).parents[2])
    env = {**os.environ, "PYTHONIOENCODING": "latin-1", "PYTHONPATH": root}
    done = run("-m", "kace_bridge", "漢", cwd=tmp_path, env=env)
    assert done.returncode == 2
    assert "no command '\\u6f22'" in done.stderr


def test_the_configuration_may_be_named_by_the_environment(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """KACE_BRIDGE_CONFIG stands in for -c."""
    monkeypatch.setenv("KACE_BRIDGE_CONFIG", str(tmp_path / "elsewhere.yaml"))
    outcome = invoke("rules", "check")
    assert outcome.code == 78
    assert "elsewhere.yaml" in outcome.out


def test_shells_can_complete_commands(tmp_path: Path) -> None:
    """Click's own completion works with the lazy table."""
    root = str(Path(__file__).parents[2])
    env = {
        **os.environ, "PYTHONPATH": root, "_KACE_BRIDGE_COMPLETE": "bash_complete",
        "COMP_WORDS": "kace-bridge rules ", "COMP_CWORD": "2",
    }  # fmt: skip
    done = run("-c", "from kace_bridge.cli import main; main()", cwd=tmp_path, env=env)
    offered = done.stdout.split()
    assert {"plain,check", "plain,test"} <= set(offered)
    assert all(word.startswith("plain,") for word in offered)
