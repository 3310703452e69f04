"""The command ``rules check``: every problem of the configuration at once."""

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.output import count, print_json, shown
from kace_bridge.clock import SystemClock

if TYPE_CHECKING:
    from kace_bridge.config.load import Site
    from kace_bridge.config.problems import Problem
    from kace_bridge.rules.analysis import Finding

BROKEN = 78
_LONGEST = 1000


@click.command("rules check", epilog=exit_codes(0, 2, 78, _0="no mistakes (there may be warnings)"))
@click.argument("files", nargs=-1, metavar="[FILE]...",
                type=click.Path(path_type=Path, dir_okay=False))  # fmt: skip
@click.option("--online", is_flag=True,
              help="Hold every name against the appliance too.")  # fmt: skip
@click.option("--sarif", "as_sarif", is_flag=True,
              help="Print SARIF 2.1.0, for code-scanning pages.")  # fmt: skip
@json_option
@pass_app
def rules_check(
    app: App, files: tuple[Path, ...], online: bool, as_sarif: bool, as_json: bool
) -> int:
    """Find every mistake in the configuration, and say what to do about it.

    Also rules that contradict each other (shown on a made-up ticket), that are never reached, or
    that set each other off. FILE is a main file with what it includes; without one, that of -c.
    Without --online nothing is asked of the appliance, and no password has to be set.

    \b
    Examples:
      kace-bridge rules check
      kace-bridge rules check --online
      kace-bridge -c site/rules.yaml rules check
      kace-bridge rules check rules.yaml --json
      kace-bridge rules check --sarif
    """
    checked = [_check(path, online=online) for path in files or (app.config,)]
    sites = [one.site for one in checked if one.site is not None]
    problems = [problem for one in checked for problem in one.problems]
    findings = [finding for one in checked for finding in one.findings]
    errors = sum(problem.severity == "error" for problem in problems)
    if as_sarif:
        from kace_bridge import __version__
        from kace_bridge.config.sarif import sarif

        plain = [problem for one in checked for problem in one.plain]
        print_json(sarif(plain, __version__, findings))
    elif as_json:
        _print_json(sites, problems, findings, errors)
    else:
        samples = {each.message: each.sample for each in findings if each.sample}
        _print(app, sites, problems, errors, samples)
    return BROKEN if errors else 0


@dataclass(slots=True)
class _Checked:
    """One main file: the site if it can be used, its mistakes, what its rules do to each other."""

    site: "Site | None"
    plain: "list[Problem]"
    findings: "list[Finding]"

    @property
    def problems(self) -> "list[Problem]":
        from kace_bridge.config.sarif import as_problems

        return sorted([*self.plain, *as_problems(self.findings)])


def _check(path: Path, *, online: bool) -> _Checked:
    from kace_bridge.config.load import read_site

    site, problems = read_site(path, environ=os.environ, secrets=online)
    if site is None:
        return _Checked(None, problems, [])
    from kace_bridge.config.online import check_online
    from kace_bridge.rules.analysis import analyse
    from kace_bridge.rules.selftest import coverage, run_tests
    from kace_bridge.sync.wire import client

    fired = coverage(site.rules, run_tests(site.rules, site.tests)).fired
    # A level is covered as "rule level 2": for this question the rule counts.
    tested = {name.split()[0] for name in fired} if site.tests else None
    today = SystemClock().now().date()
    findings = analyse(site.rules, today=today, tested=tested)
    if online:
        with client(site, os.environ, SystemClock()) as sma:
            problems = [*problems, *check_online(site, sma)]
    return _Checked(site, problems, findings)


def _print(
    app: App, sites: list["Site"], problems: list["Problem"], errors: int,
    samples: Mapping[str, Mapping[str, object]],
) -> None:  # fmt: skip
    for problem in problems:
        colour = "red" if problem.severity == "error" else "yellow"
        where = f"{problem.place}: " if problem.place else ""
        click.echo(click.style(where, fg=colour) + shown(str(problem)[len(where) :], _LONGEST))
        if sample := samples.get(problem.message):
            told = ", ".join(f"{key}: {json.dumps(part)}" for key, part in sample.items() if part)
            click.echo(f"    for example, {shown(told, _LONGEST)}")
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


def _print_json(
    sites: list["Site"], problems: list["Problem"], findings: list["Finding"], errors: int
) -> None:
    from kace_bridge.config.sarif import findings_json, problems_json

    print_json({
        "ok": not errors,
        "errors": errors,
        "warnings": len(problems) - errors,
        "rules": sum(len(site.rules.rules) for site in sites),
        "teams": sum(len(site.rules.teams) for site in sites),
        "clocks": sum(len(site.rules.clocks) for site in sites),
        "tests": sum(len(site.tests) for site in sites),
        "files": [file for site in sites for file in site.files],
        "problems": problems_json(problems),
        "findings": findings_json(findings),
    })  # fmt: skip
