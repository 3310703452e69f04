"""The command ``watch``: syncs in one process, until told to end."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.errors import ConfigError, UsageError

if TYPE_CHECKING:
    from kace_bridge.config.load import Site
    from kace_bridge.sync.report import SyncReport
    from kace_bridge.sync.watch import Told

PATIENCE_S = 8
"""How long a run that is asked to end may take to reach its next step, before it is cut off."""


@click.command("watch", epilog=exit_codes(0, 2, 77, 78))
@click.option("--every", default="60s", show_default=True, metavar="LENGTH",
              help="From start to start.")  # fmt: skip
@click.option("--times", type=click.IntRange(min=1), metavar="N", help="End after so many syncs.")
@json_option
@pass_app
def watch(app: App, every: str, times: int | None, as_json: bool) -> None:
    """Sync again and again in one process; for a container or a service manager.

    The configuration is read anew each time; while it cannot be used, the last good one counts.
    Where the appliance is down, it waits longer each time, up to 15 minutes. Where another worker
    is at work, it stands by, helps it to send, and takes over when that one ends. SIGTERM and
    Ctrl-C end it within 20 seconds; the next run takes up what was left. A refused login ends it
    too: going on would lock the account.

    \b
    Examples:
      kace-bridge watch
      kace-bridge watch --every 5m
      kace-bridge -q watch --every 60s --json
    """
    import time

    from kace_bridge.sync.watch import watch as loop

    length = _length(every)
    if app.at is not None:
        raise UsageError("--at is for one run: watch goes by the appliance's clock")
    current = _Configuration(app)
    current.read()
    with _asked_to_end() as ending:
        loop(
            lambda: _once(app, current, ending, as_json=as_json), every=length, ending=ending,
            monotonic=time.monotonic, failed=_say_failure, rounds=times,
        )  # fmt: skip
    if not as_json:
        app.say("Ended.")


class _Configuration:
    """The site as it was when it last could be used."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.good: Site | None = None
        self.said = ""

    def read(self) -> "Site":
        """Read it anew. Raises ConfigError where none was good so far."""
        try:
            self.good = self.app.site()
            self.said = ""
        except ConfigError as error:
            if self.good is None:
                raise
            if str(error) != self.said:
                self.said = str(error)
                for problem in error.problems:
                    _complain(str(problem))
                _complain("the configuration cannot be used: going on with the last good one")
        return self.good


def _once(app: App, current: _Configuration, ending: threading.Event, *, as_json: bool) -> None:
    from kace_bridge.cli.run_text import print_report, report_as_json
    from kace_bridge.sync import wire
    from kace_bridge.sync.cycle import sync

    with wire.bridge(current.read(), state=app.state_url(), shadow_ok=True) as bridge:
        report = sync(bridge, progress=_stops(ending))
        if as_json:
            report_as_json(report)
        elif app.verbosity > 0 or _happened(report):
            print_report(app, report, bridge.zone, learnt=report.baseline)


def _stops(ending: threading.Event) -> Callable[[str, int], None]:
    """A listener that ends the run between two of its steps."""
    from kace_bridge.sync.watch import Stopped

    def listen(step: str, done: int) -> None:
        del step, done
        if ending.is_set():
            raise Stopped

    return listen


@contextmanager
def _asked_to_end() -> Iterator[threading.Event]:
    """Set by SIGTERM and SIGINT; a run that does not come to its next step is cut off."""
    from kace_bridge.sync.watch import Stopped

    ending = threading.Event()

    def end(number: int, frame: object) -> None:
        del number, frame
        if ending.is_set():
            return
        ending.set()
        if hasattr(signal, "SIGALRM"):
            signal.signal(signal.SIGALRM, cut_off)
            signal.alarm(PATIENCE_S)

    def cut_off(number: int, frame: object) -> None:
        del number, frame
        raise Stopped

    before = {each: signal.signal(each, end) for each in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield ending
    finally:
        if hasattr(signal, "SIGALRM"):
            signal.alarm(0)
        for each, handler in before.items():
            signal.signal(each, handler)


def _length(every: str) -> timedelta:
    from kace_bridge.sla.duration import parse_duration

    try:
        length = parse_duration(every)
    except ValueError as error:
        raise UsageError(f"--every: {error}") from None
    if length.is_business or length.nominal < timedelta(seconds=1):
        raise UsageError(f"--every {every!r}: write seconds, minutes or hours, like 60s or 5m")
    return length.nominal


def _happened(report: "SyncReport") -> bool:
    return bool(
        report.changed or report.applied or report.sent or report.held or report.waiting
        or report.failed or report.undelivered
    )  # fmt: skip


def _say_failure(told: "Told") -> None:
    problems = told.error.problems if isinstance(told.error, ConfigError) else [told.error]
    for problem in problems:
        _complain(str(problem))
    _complain(f"trying again in {told.wait_s:.0f} s")


def _complain(text: str) -> None:
    from kace_bridge.model.text import clean_line

    click.echo(f"kace-bridge: {clean_line(text, 500)}", err=True)
