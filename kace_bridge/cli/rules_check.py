"""The command ``rules check``: every problem of the configuration at once."""

import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.output import count, print_json, shown

if TYPE_CHECKING:
    from kace_bridge.config.load import Site
    from kace_bridge.config.problems import Problem

BROKEN = 78
_LONGEST = 1000


@click.command("rules check", epilog=exit_codes(0, 2, 78, _0="no mistakes (there may be warnings)"))
@click.argument("files", nargs=-1, metavar="[FILE]...",
                type=click.Path(path_type=Path, dir_okay=False))  # fmt: skip
@json_option
@pass_app
def rules_check(app: App, files: tuple[Path, ...], as_json: bool) -> int:
    """Find every mistake in the configuration, and say what to do about it.

    FILE is a main file with what it includes; without one, that of -c. Nothing is asked of the
    appliance, and no password has to be set.

    \b
    Examples:
      kace-bridge rules check
      kace-bridge -c site/rules.yaml rules check
      kace-bridge rules check rules.yaml --json
    """
    from kace_bridge.config.load import read_site

    found = [read_site(path, environ=os.environ, secrets=False) for path in files or (app.config,)]
    sites = [site for site, _ in found if site is not None]
    problems = [problem for _, listed in found for problem in listed]
    errors = sum(problem.severity == "error" for problem in problems)
    if as_json:
        _print_json(sites, problems, errors)
    else:
        _print(app, sites, problems, errors)
    return BROKEN if errors else 0


def _print(app: App, sites: list["Site"], problems: list["Problem"], errors: int) -> None:
    for problem in problems:
        colour = "red" if problem.severity == "error" else "yellow"
        where = f"{problem.place.short}: " if problem.place else ""
        click.echo(click.style(where, fg=colour) + shown(str(problem)[len(where) :], _LONGEST))
    warnings = len(problems) - errors
    if errors:
        said = count(errors, "mistake")
        app.say(f"{said}, {count(warnings, 'warning')}" if warnings else said)
        return
    for site in sites:
        rules = site.rules
        numbers = ", ".join((
            count(len(rules.rules), "rule"), count(len(rules.teams), "team"),
            count(len(rules.clocks), "clock"), count(len(site.tests), "test"),
            f"in {count(len(site.files), 'file')}",
        ))  # fmt: skip
        said = f"; {count(warnings, 'warning')}" if warnings else ""
        app.say(click.style("ok", fg="green") + f"  {site.path}: {numbers}{said}")


def _print_json(sites: list["Site"], problems: list["Problem"], errors: int) -> None:
    print_json({
        "ok": not errors,
        "errors": errors,
        "warnings": len(problems) - errors,
        "rules": sum(len(site.rules.rules) for site in sites),
        "teams": sum(len(site.rules.teams) for site in sites),
        "clocks": sum(len(site.rules.clocks) for site in sites),
        "tests": sum(len(site.tests) for site in sites),
        "files": [file for site in sites for file in site.files],
        "problems": [
            {
                "file": problem.place.file if problem.place else None,
                "line": problem.place.line if problem.place else None,
                "column": problem.place.column if problem.place else None,
                "severity": problem.severity, "message": problem.message, "fix": problem.fix,
            }
            for problem in problems
        ],
    })  # fmt: skip
