"""The command ``doctor``: is everything in place? With ``--probe``: what is this appliance like?"""

import os
from collections.abc import Sequence
from pathlib import Path
from textwrap import wrap
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.output import count, print_json, shown, width_now
from kace_bridge.errors import UsageError

if TYPE_CHECKING:
    from kace_bridge.doctor.check import Check

_COLOURS = {"ok": "green", "warning": "yellow", "error": "red"}
_LONGEST = 1000
_MARGIN = 24


@click.command("doctor", epilog=exit_codes(0, 1, 2, 75, 77, 78, _0="no errors (there may be"
               " warnings)", _1="errors; each says what to do"))  # fmt: skip
@click.option("--audit", is_flag=True,
              help="Compare the appliance's last 48 hours with the ledger.")  # fmt: skip
@click.option("--probe", is_flag=True,
              help="Measure how this appliance behaves: a report to send us.")  # fmt: skip
@click.option("--queue", metavar="NAME",
              help="With --probe: also write test tickets into this queue.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Do not ask before writing test tickets.")
@click.option("-o", "--output", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
              help="Where the report goes; else it is printed.")  # fmt: skip
@json_option
@pass_app
def doctor(
    app: App,
    audit: bool,
    probe: bool,
    queue: str | None,
    yes: bool,
    output: Path | None,
    as_json: bool,
) -> int | None:
    """Look at everything a sync needs, from the configuration to the people in the teams.

    Nothing is changed, no mail is sent, and the password is tried once. Each line says ok,
    warning or error, and what to do.

    --probe answers what no document says about your appliance. The report holds no names, texts,
    addresses or numbers of tickets and people. With --queue it also creates test tickets there,
    and closes them; people with that queue's e-mail events get mail about them.

    --audit reads the history of every ticket changed in the last 48 hours and compares it with the
    ledger: writes that are missing or doubled, marks of another bridge, rows never read, decisions
    not settled after 15 minutes, edits of the store. Schedule it apart from the sync. Where it is
    clean and KACE_BRIDGE_HEARTBEAT names a URL, that is asked for: a dead-man's switch.

    \b
    Examples:
      kace-bridge doctor
      kace-bridge doctor --audit
      kace-bridge doctor --json
      kace-bridge doctor --probe -o probe.json
      kace-bridge doctor --probe --queue "Test queue" --yes -o probe.json
    """
    if audit:
        if probe or queue or yes or output:
            raise UsageError("--audit goes alone, or with --json")
        return _audit(app, as_json=as_json)
    if probe:
        _probe(app, queue, yes=yes, output=output)
        return None
    if queue or yes or output:
        raise UsageError("--queue, --yes and --output belong to --probe; add it")
    return _examine(app, as_json=as_json)


def _examine(app: App, *, as_json: bool) -> int:
    from kace_bridge.clock import SystemClock
    from kace_bridge.doctor.check import exit_code
    from kace_bridge.doctor.examine import Case, examine

    checks = []
    for check in examine(Case(app.config, app.state_url(), os.environ, SystemClock())):
        checks.append(check)
        if not as_json and (app.verbosity >= 0 or check.verdict != "ok"):
            _print(check)
    if as_json:
        print_json(_as_data(checks))
    else:
        app.say()
        app.say(_sum_up(checks))
    return exit_code(checks)


def _audit(app: App, *, as_json: bool) -> int:
    from kace_bridge.doctor.audit import as_checks, audit
    from kace_bridge.doctor.check import exit_code
    from kace_bridge.doctor.heartbeat import beat
    from kace_bridge.doctor.trust import check_trust

    with app.open_bridge(read_only=True) as bridge:
        bridge.sma.login()
        found = audit(bridge.sma, bridge.store, bridge.queues(), bridge.now())
        checks = [*check_trust(bridge.store), *as_checks(found)]
    code = exit_code(checks)
    told = code == 0 and beat(os.environ)
    if as_json:
        print_json(_as_data(checks) | {"tickets": found.tickets, "marks": found.marks,
                                       "heartbeat": told})  # fmt: skip
    else:
        for check in checks:
            if app.verbosity >= 0 or check.verdict != "ok":
                _print(check)
    return code


def _print(check: "Check") -> None:
    verdict = click.style(f"{check.verdict:<7}", fg=_COLOURS[check.verdict])
    lines = _wrapped(check.what)
    click.echo(f"{verdict}  {check.name:<{_MARGIN - 10}} {lines[0]}")
    for line in lines[1:]:
        click.echo(f"{'':<{_MARGIN}}{line}")
    for number, line in enumerate(_wrapped(check.cure) if check.cure else ()):
        click.echo(f"{'':<{_MARGIN}}{'  ' if number else '->'} {line}")


def _wrapped(text: str) -> list[str]:
    return wrap(shown(text, _LONGEST), width_now() - _MARGIN - 3)


def _sum_up(checks: Sequence["Check"]) -> str:
    errors = sum(check.verdict == "error" for check in checks)
    warnings = sum(check.verdict == "warning" for check in checks)
    if not errors and not warnings:
        return "All is well."
    return f"{count(errors, 'error')}, {count(warnings, 'warning')}"


def _as_data(checks: Sequence["Check"]) -> dict[str, object]:
    return {
        "ok": all(check.verdict != "error" for check in checks),
        "errors": sum(check.verdict == "error" for check in checks),
        "warnings": sum(check.verdict == "warning" for check in checks),
        "checks": [
            {
                "name": check.name, "verdict": check.verdict, "what": check.what,
                "cure": check.cure,
            }
            for check in checks
        ],
    }  # fmt: skip


def _probe(app: App, queue: str | None, *, yes: bool, output: Path | None) -> None:
    from kace_bridge.clock import SystemClock
    from kace_bridge.config.light import read_account
    from kace_bridge.doctor.probe.measure import measure

    account = read_account(app.config, os.environ)
    if queue and not yes:
        if not app.asks:
            raise UsageError(f"--queue {queue!r} creates test tickets there; add --yes to agree")
        click.confirm(f"Create and close test tickets in queue {queue!r}?", abort=True, err=True)
    report = measure(account, os.environ, SystemClock(), queue=queue)
    text = report.as_text()
    if output is None:
        click.echo(text)
        return
    try:
        output.write_text(text + "\n", encoding="utf-8")
    except OSError as fault:
        reason = fault.strerror or "not writable"
        raise UsageError(f"{output}: {reason}; name another file with -o") from fault
    app.say(
        f"{count(report.measured, 'fact')} measured, written to {output}. Read it, then send it."
    )
