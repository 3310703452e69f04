"""The command ``demo``: the incident process, played and told in under a minute."""

import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.output import print_json
from kace_bridge.errors import KaceBridgeError

if TYPE_CHECKING:
    from kace_bridge.demo.stage import Stage
    from kace_bridge.demo.story import Ending

_STYLES: dict[str, dict[str, object]] = {
    "scene": {"bold": True}, "act": {"fg": "cyan"}, "rule": {"fg": "yellow"},
    "why": {"dim": True}, "effect": {"fg": "green"}, "figure": {"dim": True}, "plain": {},
}  # fmt: skip


@click.command(
    "demo", epilog=exit_codes(0, 1, _0="every promise kept", _1="one was not: named at the end")
)
@click.option(
    "--dir",
    "folder",
    default="kace-bridge-demo",
    show_default=True,
    type=click.Path(path_type=Path, file_okay=False),
    help="Where to put rules, state and mails.",
)
@click.option("--keep", is_flag=True, help="Leave the sandbox appliance running until Ctrl-C.")
@click.option("--seed", default=1, show_default=True, help="Makes another desk.")
@click.option("--tickets", default=60, show_default=True, help="Tickets of the week before.")
@json_option
def demo(folder: Path, keep: bool, seed: int, tickets: int, as_json: bool) -> None:
    """Play the whole incident process against a sandbox appliance.

    Needs no appliance, no mail server and no configuration. Mails are written as files.

    \b
    Examples:
      kace-bridge demo
      kace-bridge demo --keep        then try other commands against it
      kace-bridge demo --json
    """
    from kace_bridge.demo.stage import set_stage
    from kace_bridge.demo.story import START, play
    from kace_bridge.demo.telling import Teller

    def say(text: str, style: str) -> None:
        if not as_json:
            click.secho(text, **_STYLES[style])  # type: ignore[arg-type]

    with set_stage(folder, seed=seed, tickets=tickets, start=START) as stage:
        names = {row["user_name"]: row["full_name"] for row in stage.dump()["users"]}
        teller = Teller(say, names)
        ending = play(stage, teller)
        report = folder / "story.txt"
        report.write_text("\n".join(teller.lines) + "\n", encoding="utf-8")
        if as_json:
            print_json(_figures(ending, folder, report))
        else:
            _close(stage, ending, folder, report, keep=keep)
        if keep:
            _wait(stage)
    if ending.broken:
        raise KaceBridgeError("the demo broke a promise: " + "; ".join(ending.broken))


def _figures(ending: "Ending", folder: Path, report: Path) -> dict[str, object]:
    figures = asdict(ending)
    del figures["broken"]
    return figures | {"mail_dir": str((folder / "mail").resolve()), "report": str(report.resolve())}


def _close(stage: "Stage", ending: "Ending", folder: Path, report: Path, *, keep: bool) -> None:
    from kace_bridge.demo.stage import environment

    click.echo()
    click.secho("The end", bold=True)
    click.echo(
        f"  {ending.tickets} tickets worked on in {ending.runs} syncs: {ending.effects} writes,"
        f" {ending.messages} messages,\n  {ending.escalations} escalation levels fired,"
        f" {ending.reopened} re-opened."
    )
    click.echo(f"  Mails:  {folder / 'mail'}   (one .eml each; open them with any mail program)")
    click.echo(f"  Rules:  {folder / 'rules.yaml'} and {folder / 'rules'}")
    click.echo(f"  Story:  {report}")
    click.echo()
    click.secho("Try next", bold=True)
    config = folder / "rules.yaml"
    click.echo(f"  kace-bridge -c {config} rules test")
    click.echo(f"  kace-bridge -c {config} runs show last")
    if keep:
        click.echo("  in another terminal, with these four lines first:")
        for name, value in environment(stage.server).items():
            click.echo(f"    export {name}={value}")
        click.echo(f"  kace-bridge -c {config} explain {_last_ticket(stage)}")
    else:
        click.echo("  kace-bridge demo --keep    leaves the appliance running for list and explain")


def _last_ticket(stage: "Stage") -> int:
    return max(effect.ticket for step in stage.steps for effect in step.effects)


def _wait(stage: "Stage") -> None:
    click.echo(f"\nThe sandbox runs at {stage.server.url} until you press Ctrl-C.", err=True)
    sys.stdout.flush()
    try:
        while True:
            time.sleep(3600)
    except KeyboardInterrupt:
        click.echo("stopped", err=True)
