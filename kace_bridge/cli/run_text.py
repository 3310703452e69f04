"""What a run did, in words: for ``sync`` and ``approve``."""

from collections.abc import Iterator
from datetime import tzinfo
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App
from kace_bridge.cli.output import count, print_json, shown, stamp

if TYPE_CHECKING:
    from kace_bridge.sync.report import SyncReport

_LONGEST = 500
_MOST = 20


def report_as_json(report: "SyncReport") -> None:
    """One object: the run, its counts, and what did not work."""
    print_json(report_as_data(report))


def report_as_data(report: "SyncReport") -> dict[str, object]:
    """What report_as_json prints."""
    from kace_bridge.sync.report import counts

    return {
        "run": report.run,
        **counts(report),
        "baseline": report.baseline,
        "over_limits": list(report.over),
        "waiting_until": report.waiting_until,
        "conflict_details": [str(conflict) for conflict in report.conflicts],
        "reasons": {str(ticket): reason for ticket, reason in report.reasons.items()},
    }


def print_report(app: App, report: "SyncReport", zone: tzinfo, *, learnt: bool = False) -> None:
    """A line with the figures, and one for everything that needs somebody's eye."""
    app.say(_figures(report, learnt=learnt))
    if report.held:
        _print_held(report)
    for line in _failures(report):
        click.echo(line)
    if report.waiting or report.unknown:
        number = report.waiting + report.unknown
        until = f"after {stamp(report.waiting_until, zone)} " if report.waiting_until else ""
        click.echo(
            f"{count(number, 'write')} may or may not have arrived; a sync {until}will look"
            " at the ticket and settle it."
        )
    if report.undelivered:
        click.echo(
            f"{count(report.undelivered, 'message')} could not be delivered:"
            " kace-bridge outbox list"
        )


def _figures(report: "SyncReport", *, learnt: bool) -> str:
    cost = f"({count(report.requests, 'request')}, {report.seconds:.1f} s)"
    if learnt:
        said = f"First sync of this queue: {count(report.changed, 'ticket')} learnt, nothing was"
        return f"{said} fired; --backfill would act on them {cost}"
    parts = [f"{count(report.changed, 'ticket')} changed"] if report.changed else []
    parts += [count(report.decisions, "decision")] if report.decisions else []
    parts += [count(report.applied, "write")] if report.applied else []
    parts += [f"{report.noop} already so"] if report.noop else []
    parts += [f"{count(report.sent, 'message')} sent"] if report.sent else []
    return f"{', '.join(parts) or 'Nothing new'} {cost}"


def _print_held(report: "SyncReport") -> None:
    over = "; ".join(report.over)
    click.secho(f"Held for approval, nothing was applied: {over}.", fg="yellow")
    click.echo(f"  look at it:  kace-bridge runs show {report.run}")
    click.echo(f"  do it:       kace-bridge approve {report.run}")


def _failures(report: "SyncReport") -> Iterator[str]:
    for conflict in report.conflicts[:_MOST]:
        yield click.style("conflict: ", fg="red") + shown(conflict, _LONGEST)
    failed = list(report.reasons.items())
    for ticket, reason in failed[:_MOST]:
        yield click.style(f"failed: #{ticket}: ", fg="red") + shown(reason, _LONGEST)
    hidden = len(failed[_MOST:]) + len(report.conflicts[_MOST:])
    if hidden:
        yield f"and {hidden} more: kace-bridge runs show {report.run}"
