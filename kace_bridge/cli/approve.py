"""The command ``approve``: a held run goes ahead."""

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.run_text import print_report, report_as_json


@click.command("approve", epilog=exit_codes(0, 1, 2, 75, 77, 78))
@click.argument("run", metavar="RUN")
@click.option("--as", "person", metavar="USER", help="Who approves; else this machine's user.")
@json_option
@pass_app
def approve(app: App, run: str, person: str | None, as_json: bool) -> int:
    """Let a run go ahead that was held because it wanted more than the limits allow.

    RUN is what the sync printed, the start of it, or 'last'.

    \b
    Examples:
      kace-bridge approve last
      kace-bridge approve 20261123-114200-7f3a
      kace-bridge approve last --json
    """
    from kace_bridge.cli.escalate import this_user
    from kace_bridge.sync import commands

    with app.open_bridge() as bridge:
        found = bridge.store.run(run)
        report = commands.approve(bridge, found.id, person or this_user())
        if as_json:
            report_as_json(report)
        else:
            print_report(app, report, bridge.zone)
    return report.exit_code
