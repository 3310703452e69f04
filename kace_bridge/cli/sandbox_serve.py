"""The command ``sandbox serve``: a practice appliance until somebody stops it."""

import signal
import sys
import threading
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.output import count, print_json
from kace_bridge.errors import UsageError

if TYPE_CHECKING:
    from kace_bridge.sandbox import Server

USUAL_PORT = 8765


@click.command("sandbox serve", epilog=exit_codes(0, 2, _0="stopped by Ctrl-C or a signal"))
@click.option("--port", type=click.IntRange(0, 65535),
              help=f"0 for any free one; else {USUAL_PORT}, or any if it is taken.")  # fmt: skip
@click.option("--generation", type=click.Choice(["A", "B", "C"], case_sensitive=False),
              default="C", show_default=True,
              help="Header family: A up to 11.x, B is 12.0, C from 12.1.")  # fmt: skip
@click.option("--seed", default=1, show_default=True, help="Another number, another desk.")
@click.option("--tickets", default=60, show_default=True, type=click.IntRange(0, 1_000_000),
              help="Tickets of the past week to start with.")  # fmt: skip
@click.option("--timezone", default="America/New_York", show_default=True, metavar="ZONE",
              help="The appliance's own zone.")  # fmt: skip
@click.option("--empty", is_flag=True, help="Start as a fresh appliance: one queue, no tickets.")
@json_option
def sandbox_serve(
    port: int | None,
    generation: str,
    seed: int,
    tickets: int,
    timezone: str,
    empty: bool,
    as_json: bool,
) -> None:
    """Run a practice appliance on this machine. It forgets everything when stopped.

    Only this machine can reach it. Beside the appliance's own routes it has a control surface
    under /sandbox/: set the clock, load data, script faults (docs/sandbox.md).

    \b
    Examples:
      kace-bridge sandbox serve
      kace-bridge sandbox serve --port 0 --json
      kace-bridge sandbox serve --empty --generation A
    """
    from kace_bridge.sandbox import Appliance, Settings, generate

    _check_zone(timezone)
    app = Appliance(Settings(generation=generation.upper(), seed=seed, timezone=timezone))  # type: ignore[arg-type]
    loaded = 0
    if not empty:
        loaded = app.load(generate(seed, tickets, app.clock.now()))["tickets"]
    stop = threading.Event()
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, lambda *_: stop.set())
    with _serve(app, port) as server:
        (_print_json if as_json else _print_guide)(server, loaded)
        sys.stdout.flush()
        # A bounded wait: without one, a signal would go unnoticed on Windows.
        while not stop.wait(0.5):
            pass


def _check_zone(name: str) -> None:
    from zoneinfo import ZoneInfo

    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise UsageError(f"{name!r} is not a time zone; write one like America/New_York") from error


def _serve(app: object, port: int | None) -> "Server":
    from kace_bridge.sandbox import serve

    try:
        return serve(app, USUAL_PORT if port is None else port)  # type: ignore[arg-type]
    except OSError as error:
        if port is None:
            return serve(app, 0)  # type: ignore[arg-type]
        reason = error.strerror or str(error)
        raise UsageError(f"port {port}: {reason}; --port 0 takes any free one") from error


def _print_json(server: "Server", loaded: int) -> None:
    del loaded
    print_json({
        "url": server.url, "username": server.username, "password": server.password,
        "organization": server.organization, "control": server.control,
    })  # fmt: skip


def _print_guide(server: "Server", loaded: int) -> None:
    click.echo(f"A practice appliance with {count(loaded, 'ticket')} runs at {server.url}")
    click.echo("until Ctrl-C. In another terminal:\n")
    if server.port == USUAL_PORT:
        click.echo("  # not needed with the rules 'kace-bridge init' writes:")
    click.echo(f"  export KACE_URL={server.url}")
    click.echo(f"  export KACE_USERNAME={server.username}")
    click.echo(f"  export KACE_PASSWORD={server.password}")
    click.echo("\n  kace-bridge list\n  kace-bridge plan\n  kace-bridge sync\n")
    click.echo(f"Control surface: {server.control}/")
