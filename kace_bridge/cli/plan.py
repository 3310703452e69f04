"""The command ``plan``: what a sync would do, as a difference per ticket."""

import json
import os
from pathlib import Path

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.output import print_json
from kace_bridge.errors import UsageError

CHANGES = 10


@click.command("plan", epilog=exit_codes(0, 2, 10, 75, 77, 78, _0="nothing to change"))
@click.option("-o", "--output", "target", metavar="FILE",
              type=click.Path(path_type=Path, dir_okay=False),
              help="Write it to FILE as well, for 'apply'; only you can read it.")  # fmt: skip
@click.option("--backfill", is_flag=True,
              help="On queues never synced, judge the tickets already there as new.")  # fmt: skip
@json_option
@pass_app
def plan(app: App, target: Path | None, backfill: bool, as_json: bool) -> int:
    """Show what a sync would do, as a difference per ticket. Nothing is stored or written.

    \b
    Examples:
      kace-bridge plan
      kace-bridge plan --json
      kace-bridge plan -o tonight.json       then: kace-bridge apply tonight.json
      kace-bridge --at 2026-03-02T09:00 plan --backfill
    """
    return show_plan(app, as_json=as_json, backfill=backfill, target=target)


def show_plan(
    app: App,
    *,
    as_json: bool,
    backfill: bool = False,
    full: bool = False,
    target: Path | None = None,
) -> int:
    """Print the plan; the exit code says whether there is anything in it."""
    from kace_bridge.cli.plan_text import print_plan
    from kace_bridge.sync.plan_file import plan_as_data
    from kace_bridge.sync.preview import preview

    with app.open_bridge(read_only=True) as bridge:
        found = preview(bridge, backfill=backfill, full=full)
        data = plan_as_data(bridge, found)
        if as_json:
            print_json(data)
        else:
            print_plan(app, bridge.site.rules, found)
    if target is not None:
        _write(target, data)
        app.say(f"Written to {target}") if not as_json else None
    return CHANGES if found.decisions else 0


def _write(target: Path, data: dict[str, object]) -> None:
    """A plan holds ticket texts and addresses: it is made readable for its owner alone."""
    try:
        handle = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as stream:
            json.dump(data, stream, indent=1)
            stream.write("\n")
    except OSError as error:
        raise UsageError(f"cannot write {target}: {error.strerror or error}") from error
