"""Channels from configuration: resolved, checked by kind, placed beside the file."""

from pathlib import Path

import pytest

from kace_bridge.config.channels import build_channels
from kace_bridge.config.yaml_source import read_text
from kace_bridge.notify.channels import Channel


def build(
    text: str, environ: dict[str, str] | None = None, *, secrets: bool = True
) -> tuple[dict[str, Channel], list[str]]:
    """The channels of one file and the problems in them."""
    document, problems = read_text(text, "rules.yaml")
    assert document is not None, problems
    built, found = build_channels(
        [(document, None)], environ=environ or {}, folder=Path("/etc/kb"), secrets=secrets
    )
    return built, [str(problem) for problem in found]


EMAIL = """
channels:
  mail:
    kind: email
    smtp: {env: SMTP_URL}
    from: Service Desk <desk@example.org>
"""


def test_without_any_there_is_the_mail_folder() -> None:
    """Nothing configured: .eml files beside the configuration, no server needed."""
    built, problems = build("version: 1")
    assert (list(built), problems) == (["mail"], [])
    assert built["mail"].model_dump()["path"] == "/etc/kb/mail"


def test_a_reference_is_resolved() -> None:
    """The address comes from the environment and never shows in a repr."""
    built, problems = build(EMAIL, {"SMTP_URL": "smtp://u:hunter2@mail.example.org:587"})
    assert (list(built), problems) == (["mail"], [])
    assert "hunter2" not in repr(built["mail"])


def test_a_reference_that_is_missing_is_a_problem_at_its_line() -> None:
    """With the variable's name and what to type."""
    _, problems = build(EMAIL)
    (problem,) = problems
    assert problem.startswith("rules.yaml:5:11: the environment variable SMTP_URL is not set.")
    assert problem.endswith(" Export it: export SMTP_URL=...")


def test_rules_can_be_checked_without_the_sites_secrets() -> None:
    """A checkout without any variable builds the channels with stand-ins."""
    built, problems = build(EMAIL, secrets=False)
    assert (list(built), problems) == (["mail"], [])


@pytest.mark.parametrize(
    ("path", "placed"),
    [
        pytest.param("mail", "/etc/kb/mail", id="beside the configuration"),
        pytest.param("/var/mail/kb", "/var/mail/kb", id="absolute: as written"),
    ],
)
def test_folders_are_placed(path: str, placed: str) -> None:
    """Wherever the program is started from."""
    built, _ = build(f"channels: {{out: {{kind: folder, path: {path}}}}}")
    assert built["out"].model_dump()["path"] == placed


@pytest.mark.parametrize(
    ("channel", "said"),
    [
        pytest.param("{kind: fax}", "fax", id="an unknown kind"),
        pytest.param("{path: mail}", "kind", id="no kind"),
        pytest.param("{kind: folder, paht: mail}", "unknown key 'paht'", id="a key mistyped"),
        pytest.param("{kind: folder, from: nobody}", "write one address", id="no address"),
        pytest.param("{kind: email, smtp: 'http://x', from: a@example.org}", "mail server",
                     id="no mail server"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_line(channel: str, said: str) -> None:
    """One line, file and place; no stand-in hides it."""
    built, problems = build(f"channels:\n  out: {channel}\n")
    assert "out" not in built
    assert len(problems) == 1
    assert problems[0].startswith("rules.yaml:2:")
    assert said in problems[0]


def test_a_secret_written_wrongly_is_not_repeated() -> None:
    """The complaint about a server's address does not print the password in it."""
    _, problems = build(
        "channels:\n  m: {kind: email, smtp: 'http://u:hunter2@x', from: a@example.org}\n"
    )
    assert problems
    assert not [problem for problem in problems if "hunter2" in problem]
