"""The command ``sync``: one run, told in a few lines."""

from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import dry_run_option, exit_codes, json_option
from kace_bridge.cli.plan import show_plan
from kace_bridge.cli.progress import show_progress
from kace_bridge.cli.run_text import print_report, report_as_json

if TYPE_CHECKING:
    from kace_bridge.sync.report import SyncReport
    from kace_bridge.sync.wire import Bridge


@click.command("sync", epilog=exit_codes(0, 1, 2, 4, 10, 75, 77, 78,
                                         _10="--dry-run found changes to make"))  # fmt: skip
@dry_run_option
@click.option("--backfill", is_flag=True,
              help="On the first sync of a queue, act on the tickets already there.")  # fmt: skip
@click.option("--full", is_flag=True, help="Compare every ticket, not only what moved.")
@click.option("--now", "anyway", is_flag=True,
              help="Ask the appliance even while it rests after faults.")  # fmt: skip
@json_option
@pass_app
def sync(app: App, dry_run: bool, backfill: bool, full: bool, anyway: bool, as_json: bool) -> int:
    """Read what changed, decide by the rules, write to the tickets and send the messages.

    The first sync of a queue only learns its tickets. Running it again does nothing twice, and
    a run that was cut off is taken up by the next one. After five syncs in a row that the appliance
    failed, or more than half of twenty, the next ones end at once (75) for a minute, then two, up
    to 15, until one succeeds.

    \b
    Examples:
      kace-bridge sync
      kace-bridge sync --dry-run
      kace-bridge sync --backfill --json
      kace-bridge --at 2026-03-02T09:00 sync --dry-run
    """
    if dry_run:
        return show_plan(app, as_json=as_json, backfill=backfill, full=full)
    from kace_bridge.sync.cycle import sync as run

    with app.open_bridge(shadow_ok=True) as bridge:
        with show_progress(enabled=app.verbosity >= 0 and not as_json) as progress:
            report = run(bridge, backfill=backfill, full=full, anyway=anyway, progress=progress)
        if as_json:
            report_as_json(report)
        else:
            _tell(app, bridge, report, backfill=backfill)
    return report.exit_code


def _tell(app: App, bridge: "Bridge", report: "SyncReport", *, backfill: bool) -> None:
    print_report(app, report, bridge.zone, learnt=report.baseline and not backfill)
    if bridge.site.rules.mode == "shadow" and report.decisions:
        app.say("The mode is shadow: decisions were recorded, nothing was written.")
