"""The command ``rules docs``: the rules in plain sentences, with a drawing of the process."""

from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.output import print_json, width_now
from kace_bridge.errors import UsageError

if TYPE_CHECKING:
    from kace_bridge.rules.describe import Description


@click.command("rules docs", epilog=exit_codes(0, 2, 78))
@click.option("--html", "page", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
              help="Write a web page with a drawing of the process.")  # fmt: skip
@click.option("--mails", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
              help="Write a web page with every message text on sample data.")  # fmt: skip
@json_option
@pass_app
def rules_docs(app: App, page: Path | None, mails: Path | None, as_json: bool) -> None:
    """The rules in plain sentences, made from the rules themselves. Nothing is asked of the
    appliance, and no password has to be set.

    The page is one file that fetches nothing: put it on the intranet, or print it.

    \b
    Examples:
      kace-bridge rules docs
      kace-bridge rules docs --html process.html
      kace-bridge rules docs --mails mails.html
    """
    from kace_bridge.rules.describe import describe
    from kace_bridge.rules.page import rules_page

    rules = app.site(secrets=False).rules
    written = []
    if page is not None:
        _write(page, rules_page(rules))
        written.append(page)
    if mails is not None:
        from kace_bridge.notify.gallery import gallery

        _write(mails, gallery(rules.templates.samples()))
        written.append(mails)
    if as_json:
        print_json(_as_data(describe(rules)) | {"written": [str(path) for path in written]})
    elif written:
        for path in written:
            app.say(f"Written to {path}")
    else:
        _print(describe(rules))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"cannot write {path}: {error.strerror or error}") from error


def _print(text: "Description") -> None:
    from kace_bridge.rules.describe import PHASE_WORDS

    _say(f"{text.mode} {text.limits}")
    for phase, rules in groupby(text.rules, key=lambda rule: rule.phase):
        click.echo()
        click.secho(phase, bold=True)
        _say(PHASE_WORDS[phase])
        for rule in rules:
            click.echo()
            place = click.style(f"({rule.place})", dim=True)
            click.echo(f"  {click.style(rule.id, bold=True)}  {place}")
            _say(rule.sentence, 4)
            for step in rule.steps:
                _say(f"- {step.at}: {step.words}", 6, 8)
            for note in rule.notes:
                _say(f"({note})", 4)
    for title, pairs in (("clocks", text.clocks), ("teams", text.teams)):
        click.echo()
        click.secho(title, bold=True)
        for name, words in pairs:
            _say(f"{name}: {words}", 2, 4)


def _say(words: str, indent: int = 0, hanging: int | None = None) -> None:
    rest = " " * (indent if hanging is None else hanging)
    click.echo(
        click.wrap_text(
            click.unstyle(words), min(width_now(), 100), initial_indent=" " * indent,
            subsequent_indent=rest,
        )
    )  # fmt: skip


def _as_data(text: "Description") -> dict[str, object]:
    return {
        "mode": text.mode, "limits": text.limits,
        "rules": [
            {
                "id": rule.id, "title": rule.title, "phase": rule.phase, "place": rule.place,
                "sentence": rule.sentence, "notes": list(rule.notes),
                "levels": [{"at": step.at, "then": step.words} for step in rule.steps],
            }
            for rule in text.rules
        ],
        "clocks": dict(text.clocks), "teams": dict(text.teams),
    }  # fmt: skip
