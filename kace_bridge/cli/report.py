"""The command ``report``: how the desk does."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.moments import read_end, read_start
from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.output import count, print_json, print_table
from kace_bridge.errors import UsageError

if TYPE_CHECKING:
    from kace_bridge.report.desk import Figures

USUAL = timedelta(days=30)


@click.command("report", epilog=exit_codes(0, 2, 75, 77, 78))
@click.option("--from", "start", metavar="TIME", help="From when; 30 days before the end.")
@click.option("--to", "end", metavar="TIME", help="Until when, that day included; else now.")
@click.option("--html", "page", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False),
              help="Write a page with charts to FILE.")  # fmt: skip
@json_option
@pass_app
def report(app: App, start: str | None, end: str | None, page: Path | None, as_json: bool) -> None:
    """First answers in time, first-call closures, re-openings, escalations, load, messages.

    From what the syncs have seen; nothing is asked of the appliance. The page is one file with
    everything in it: it can be mailed.

    \b
    Examples:
      kace-bridge report
      kace-bridge report --from 2026-03-01 --to 2026-03-31 --html march.html
      kace-bridge report --json
    """
    from kace_bridge.sync.verbs.handover import present
    from kace_bridge.sync.verbs.report import report as measure

    with app.open_bridge(read_only=True) as bridge:
        now, zone = present(bridge), bridge.zone
        until = read_end(end, zone, now - timedelta(days=36500), "--to") if end else now
        since = read_start(start, zone, until - USUAL, "--from")
        if since >= until:
            raise UsageError("--from is not before --to")
        figures = measure(bridge, since, until)
        title = f"{bridge.site.settings.desk.name}: figures"
    if page is not None:
        from kace_bridge.report.page import render_page

        page.write_text(render_page(figures, zone, title), encoding="utf-8")
    if as_json:
        print_json(_as_data(figures) | ({"html": str(page)} if page else {}))
        return
    _print(figures)
    if page is not None:
        app.say(f"\nWritten: {page}")


def _print(figures: "Figures") -> None:
    from kace_bridge.report.page import hours, percent

    judged = figures.in_time + figures.late
    for share, what, more in (
        (figures.in_time_share, "first answer in time",
         f"{figures.in_time} of {judged}, median {hours(figures.answer_median)}"),
        (figures.first_call_share, "closed on the first call",
         f"{len(figures.first_call)} of {figures.closed}"),
        (figures.reopened_share, "re-opened", f"{figures.reopened} of {figures.closed}"),
    ):  # fmt: skip
        click.echo(click.style(f"{percent(share):>5}", bold=True) + f"  {what} ({more})")
    click.echo(f"{figures.created:>5}  created, {figures.closed} closed, {figures.open} open")
    sent = sum(figures.messages.values())
    lost = f", {figures.undelivered} undelivered" if figures.undelivered else ""
    click.echo(f"{sent:>5}  {'message' if sent == 1 else 'messages'} sent{lost}")
    if figures.bounced:
        click.echo(f"{len(figures.bounced):>5}  handed on too often: {_numbers(figures.bounced)}")
    if figures.escalations:
        click.echo()
        rows = [(rule, level, n) for (rule, level), n in figures.escalations.items()]
        print_table(("Escalations", "Level", "Times"), rows, stretch=0, right=(2,))
    if figures.engineers:
        click.echo()
        rows_of = [(e.user, e.open, e.answered, e.closed, e.reopened) for e in figures.engineers]
        headers = ("Engineer", "Open", "First answers", "Closed", "Re-opened")
        print_table(headers, rows_of, stretch=0, right=(1, 2, 3, 4))
    if figures.first_call:
        click.echo(f"\nClosed on the first call: {_numbers(figures.first_call)}")


def _numbers(tickets: Sequence[int]) -> str:
    """The first dozen, and how many more."""
    hidden = len(tickets) - 12
    tail = f" and {count(hidden, 'more', 'more')}" if hidden > 0 else ""
    return ", ".join(f"#{number}" for number in tickets[:12]) + tail


def _as_data(figures: "Figures") -> dict[str, object]:
    median = figures.answer_median
    return {
        "from": figures.start, "to": figures.end, "created": figures.created,
        "closed": figures.closed, "open": figures.open,
        "first_answer": {
            "in_time": figures.in_time, "late": figures.late, "share": figures.in_time_share,
            "median_s": median.total_seconds() if median is not None else None,
        },
        "first_call": {"tickets": list(figures.first_call), "share": figures.first_call_share},
        "reopened": {"tickets": figures.reopened, "share": figures.reopened_share},
        "bounced": list(figures.bounced),
        "escalations": [
            {"rule": rule, "level": level, "times": n}
            for (rule, level), n in figures.escalations.items()
        ],
        "engineers": [
            {"user": e.user, "open": e.open, "first_answers": e.answered, "closed": e.closed,
             "reopened": e.reopened}
            for e in figures.engineers
        ],
        "messages": dict(figures.messages), "undelivered": figures.undelivered,
        "days": [{"day": day.isoformat(), "created": made, "closed": done}
                 for day, made, done in figures.days],
    }  # fmt: skip
