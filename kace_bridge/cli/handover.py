"""The command ``handover``: what the next shift must know."""

from collections.abc import Iterator
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.output import age, count, cut, print_json, print_table, shown
from kace_bridge.errors import UsageError

if TYPE_CHECKING:
    from kace_bridge.report.handover import Handover, Item


@click.command("handover", epilog=exit_codes(0, 2, 75, 77, 78))
@click.option("--team", metavar="TEAM", help="This team's tickets, and those nobody has.")
@click.option("--within", default="4bh", show_default=True, metavar="LENGTH",
              help="How far ahead to look for what falls due: 4bh, 1bd.")  # fmt: skip
@click.option("--markdown", is_flag=True, help="For a wiki or a chat.")
@json_option
@pass_app
def handover(app: App, team: str | None, within: str, markdown: bool, as_json: bool) -> None:
    """Due soon, re-opened, escalated, waiting, without an owner: for whoever comes next.

    As the last sync saw it; nothing is asked of the appliance.

    \b
    Examples:
      kace-bridge handover
      kace-bridge handover --team network --markdown
      kace-bridge handover --within 1bd --json
    """
    from kace_bridge.sla.duration import parse_duration
    from kace_bridge.sync.verbs.handover import last_sync, prepare

    try:
        length = parse_duration(within)
    except ValueError as error:
        raise UsageError(f"--within: {error}") from None
    with app.open_bridge(read_only=True) as bridge:
        seen = last_sync(bridge)
        rules = bridge.site.rules
        calendar = rules.calendars.get(rules.calendar or "")
        span = calendar.length(length) if calendar else length.nominal
        found = prepare(bridge, team, span)
        zone = bridge.zone
    if as_json:
        print_json(_as_data(found, seen))
    elif markdown:
        click.echo("\n".join(_as_markdown(found, seen, zone)))
    else:
        _print(found, seen, zone)


def _headline(found: "Handover", seen: datetime | None, zone: tzinfo) -> str:
    if seen is None:
        return "No sync yet: run 'kace-bridge sync' first."
    return f"{count(found.open, 'open ticket')}, as of the sync of {_at(seen, zone)}"


def _print(found: "Handover", seen: datetime | None, zone: tzinfo) -> None:
    from kace_bridge.report.handover import SECTIONS

    click.echo(_headline(found, seen, zone))
    for name, title in SECTIONS.items():
        items = found.sections[name]
        if not items:
            continue
        click.echo()
        click.secho(f"{title} ({len(items)})", bold=True)
        rows = [
            (item.ticket, item.title, item.owner or "nobody", cut(item.what, 34),
             _when(name, item, found.now, zone))
            for item in items
        ]  # fmt: skip
        print_table(
            ("Ticket", "Title", "Owner", "What", "When"),
            rows,
            stretch=1,
            right=(0,),
            links=[item.page for item in items],
        )
    if not any(found.sections.values()):
        click.echo("Nothing needs anybody now.")


def _as_markdown(found: "Handover", seen: datetime | None, zone: tzinfo) -> Iterator[str]:
    from kace_bridge.report.handover import SECTIONS

    yield f"# Hand-over, {_at(found.now, zone)}"
    yield ""
    yield _headline(found, seen, zone)
    for name, title in SECTIONS.items():
        if found.sections[name]:
            yield ""
            yield f"## {title}"
            yield ""
        for item in found.sections[name]:
            yield (
                f"- [#{item.ticket}]({item.page}) {_escaped(item.title)} — "
                f"{_escaped(item.owner or 'nobody')}, {_escaped(item.what)}, "
                f"{_when(name, item, found.now, zone)}"
            )


def _escaped(text: str) -> str:
    """*text* from a ticket as plain words: no markup, no link, no picture."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()<>#+-!|~" else c for c in shown(text))


def _when(section: str, item: "Item", now: datetime, zone: tzinfo) -> str:
    if section == "due":
        return _at(item.at, zone)
    return f"{age(now - item.at)} ago"


def _at(instant: datetime, zone: tzinfo) -> str:
    return instant.astimezone(zone).strftime("%a %d %b %H:%M")


def _as_data(found: "Handover", seen: datetime | None) -> dict[str, object]:
    return {
        "now": found.now, "seen": seen, "open": found.open,
        **{
            name: [
                {"ticket": item.ticket, "title": item.title, "owner": item.owner or None,
                 "what": item.what, "at": item.at, "url": item.page}
                for item in items
            ]
            for name, items in found.sections.items()
        },
    }  # fmt: skip
