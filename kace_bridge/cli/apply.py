"""The command ``apply``: a plan made earlier is carried out, exactly."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import dry_run_option, exit_codes, json_option
from kace_bridge.cli.output import count, print_json, shown
from kace_bridge.cli.progress import show_progress
from kace_bridge.cli.run_text import print_report, report_as_data

if TYPE_CHECKING:
    from kace_bridge.sync.plan_apply import PlanResult

_MOST = 50


@click.command("apply", epilog=exit_codes(0, 1, 2, 75, 77, 78,
                                          _1="part of the plan was refused or failed"))  # fmt: skip
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--as", "person", metavar="USER", help="Who applies; else this machine's user.")
@dry_run_option
@json_option
@pass_app
def apply(app: App, file: Path, person: str | None, dry_run: bool, as_json: bool) -> int:
    """Carry out a plan that 'plan -o FILE' wrote: exactly what it holds, and nothing else.

    A ticket that has moved on since is left alone and listed, and so is what a sync has done
    meanwhile. A plan made with another configuration or for another appliance is refused. The
    limits of a run do not count here: you have looked at the plan.

    \b
    Examples:
      kace-bridge plan -o tonight.json
      kace-bridge apply tonight.json --dry-run
      kace-bridge apply tonight.json --as adiaz
    """
    from kace_bridge.cli.escalate import this_user
    from kace_bridge.sync.plan_apply import apply_plan
    from kace_bridge.sync.plan_file import read_plan

    plan = read_plan(file)
    by = person or this_user()
    with app.open_bridge(read_only=dry_run) as bridge:
        with show_progress(enabled=app.verbosity >= 0 and not as_json) as progress:
            result = apply_plan(bridge, plan, by, dry_run=dry_run, progress=progress)
        if as_json:
            print_json(_as_data(result, dry_run=dry_run))
        else:
            _print_refusals(result)
            if dry_run:
                _say_what_would(app, result)
            else:
                print_report(app, result.report, bridge.zone)
    return result.exit_code


def _print_refusals(result: "PlanResult") -> None:
    for refusal in result.refused[:_MOST]:
        decision = refusal.decision
        level = f" level {decision.level}" if decision.level else ""
        head = click.style(f"refused: #{decision.ticket}", fg="yellow")
        click.echo(f"{head} {decision.rule}{level}: {shown(refusal.reason, 300)}")
    if hidden := len(result.refused[_MOST:]):
        click.echo(f"and {hidden} more, see --json")


def _say_what_would(app: App, result: "PlanResult") -> None:
    tickets = {decision.ticket for decision in result.taken}
    app.say(
        f"{count(len(result.taken), 'decision')} on {count(len(tickets), 'ticket')} can be applied,"
        f" {len(result.refused)} cannot. Nothing was written."
    )


def _as_data(result: "PlanResult", *, dry_run: bool) -> dict[str, object]:
    return {
        **({} if dry_run else report_as_data(result.report)),
        "dry_run": dry_run,
        "taken": [
            {"id": one.id, "ticket": one.ticket, "rule": one.rule, "level": one.level}
            for one in result.taken
        ],
        "refused": [
            {
                "id": one.decision.id, "ticket": one.decision.ticket, "rule": one.decision.rule,
                "level": one.decision.level, "reason": one.reason,
            }
            for one in result.refused
        ],
    }  # fmt: skip
