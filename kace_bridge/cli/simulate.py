"""The command ``simulate``: the timeline to come of one ticket."""

from datetime import tzinfo
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import TICKET, exit_codes, json_option
from kace_bridge.cli.output import print_json, shown, stamp
from kace_bridge.model.ids import TicketId

if TYPE_CHECKING:
    from kace_bridge.sync.simulate import Coming, Simulation


@click.command("simulate", epilog=exit_codes(0, 1, 2, 75, 77, 78, _1="no such ticket"))
@click.argument("ticket", metavar="ID", type=TICKET)
@click.option("--until", default="14d", show_default=True, metavar="TIME",
              help="How far to look: 2026-03-06T17:00, 'fri 17:00', 3d, 5bd.")  # fmt: skip
@json_option
@pass_app
def simulate(app: App, ticket: TicketId, until: str, as_json: bool) -> None:
    """What comes for a ticket if nobody does anything: nudges, escalations, reminders, dated.

    The rules are asked at every moment a level falls due, with what they set before carried on.
    Absences count as entered. Nothing is stored, written or sent.

    \b
    Examples:
      kace-bridge simulate 41
      kace-bridge simulate 41 --until "fri 17:00"
      kace-bridge --at 2026-03-06T16:00 simulate 41 --until 5bd --json
    """
    from kace_bridge.sync.simulate import parse_until
    from kace_bridge.sync.simulate import simulate as play

    with app.open_bridge(read_only=True) as bridge:
        rules = bridge.site.rules
        bridge.sma.login()
        end = parse_until(
            until, bridge.now(), bridge.zone, rules.calendars.get(rules.calendar or "")
        )
        found = play(bridge, ticket, end)
        if as_json:
            print_json(_as_data(found))
        else:
            _print(app, found, bridge.zone)


def _print(app: App, found: "Simulation", zone: tzinfo) -> None:
    ticket = found.ticket
    click.secho(f"#{ticket.id} {shown(ticket.title, 70)}", bold=True)
    owner = shown(ticket.value("owner") or "nobody")
    click.echo(f"  {shown(ticket.value('status'))}, owner {owner}, now {_when(found.start, zone)}")
    if not found.known:
        app.say("  No sync has seen this ticket yet: the next one would do what is marked 'now'.")
    for name, at in found.targets.items():
        click.echo(f"  clock {name} reaches its target {_when(at, zone)}")
    for coming in found.coming:
        when = "now" if coming.now else _when(coming.at, zone)
        level = f" level {coming.decision.level}" if coming.decision.level else ""
        shadow = "  (shadow: recorded only)" if coming.decision.mode == "shadow" else ""
        click.echo()
        click.echo(
            f"{click.style(f'{when:<20}', bold=True)}  {coming.decision.rule}{level}{shadow}"
        )
        for line in _effects(coming):
            click.echo(f"{'':<22}{line}")
    for problem in found.problems:
        click.echo(click.style("problem: ", fg="red") + shown(problem, 500))
    if not found.coming:
        app.say(f"Nothing comes until {_when(found.until, zone)}.")
    else:
        app.say(f"\nNothing more until {_when(found.until, zone)}. Nothing was written or sent.")


def _effects(coming: "Coming") -> list[str]:
    lines = [
        f"{name}: {shown(before or 'nobody', 80)} -> {shown(value or 'nobody', 80)}"
        for name, before, value in coming.changes
    ]
    lines += [
        f"{'public comment' if comment.public else 'comment'}: {shown(comment.text, 100)}"
        for comment in coming.comments
    ]
    return lines + [
        f"message to {message.role.replace('_', ' ') or 'channel'}"
        f" {shown(message.name or message.to or message.channel, 40)}: {shown(message.subject, 80)}"
        for message in coming.messages
    ]


def _when(at: object, zone: tzinfo) -> str:
    from datetime import datetime

    assert isinstance(at, datetime)
    return f"{at.astimezone(zone):%a} {stamp(at, zone)}"


def _as_data(found: "Simulation") -> dict[str, object]:
    return {
        "ticket": found.ticket.id, "title": found.ticket.title, "known": found.known,
        "start": found.start, "until": found.until, "targets": dict(found.targets),
        "coming": [
            {
                "at": coming.at, "now": coming.now, "rule": coming.decision.rule,
                "level": coming.decision.level, "mode": coming.decision.mode,
                "set": {name: value for name, _, value in coming.changes},
                "comments": [comment.text for comment in coming.comments],
                "messages": [
                    {"to": message.to, "role": message.role, "template": message.template,
                     "channel": message.channel, "subject": message.subject}
                    for message in coming.messages
                ],
            }
            for coming in found.coming
        ],
        "problems": found.problems,
    }  # fmt: skip
