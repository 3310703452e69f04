"""The commands ``state backup``, ``verify``, ``prune`` and ``forget``: care for the store."""

from datetime import UTC, datetime
from pathlib import Path

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import dry_run_option, exit_codes, json_option
from kace_bridge.cli.output import count, print_json, shown, stamp
from kace_bridge.errors import UsageError
from kace_bridge.model.ids import TicketId

KEPT = "90d"
"""What prune keeps unless told otherwise."""


@click.command("state backup", epilog=exit_codes(0, 2, 75, 78))
@click.argument("file", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--yes", is_flag=True, help="Replace FILE where it exists.")
@json_option
@pass_app
def state_backup(app: App, file: Path, yes: bool, as_json: bool) -> None:
    """Copy the store to FILE, consistent even while a sync is at work; only you can read it.

    The copy is a SQLite store, whatever the store is in. To restore one, stop the syncs and put
    it where the store was; into PostgreSQL, 'state copy' brings it back.

    \b
    Examples:
      kace-bridge state backup /var/backups/kace-bridge.db
      kace-bridge state backup nightly.db --yes
    """
    if file.exists() and not yes:
        raise UsageError(f"{file} exists; add --yes to replace it")
    if not file.absolute().parent.is_dir():
        raise UsageError(f"there is no folder {file.absolute().parent}: make it first")
    _require(app)
    new = file.with_name(file.name + ".new")
    new.unlink(missing_ok=True)
    with app.open_store() as store:
        source = store.name
        store.backup(new)
    new.replace(file)
    size = file.stat().st_size
    if as_json:
        print_json({"store": source, "backup": str(file), "bytes": size})
    else:
        app.say(f"{file}: {size // 1024 or 1} KiB, a copy of {source}")


@click.command("state copy", epilog=exit_codes(0, 2, 75, 78))
@click.argument("target", metavar="URL")
@json_option
@pass_app
def state_copy(app: App, target: str, as_json: bool) -> None:
    """Copy the whole store to URL, where none may be yet: to move it, or to restore a backup.

    Stop the syncs first, and give them the new URL after: two stores for one desk would send
    every message twice.

    \b
    Examples:
      kace-bridge state copy "postgresql://kace@db.example.org/kace?schema=desk"
      kace-bridge --state sqlite:///nightly.db state copy postgresql://kace@db.example.org/kace
    """
    from kace_bridge.state import copy_to

    _require(app)
    source, name = copy_to(app.state_url(), target)
    if as_json:
        print_json({"store": source, "copy": name})
    else:
        app.say(f"{name}: a copy of {source}; give it to the syncs with --state")


@click.command("state adopt", epilog=exit_codes(0, 2, 75, 78))
@click.argument("instance", metavar="INSTANCE")
@json_option
@pass_app
def state_adopt(app: App, instance: str, as_json: bool) -> None:
    """Take what another store's bridge wrote on the tickets for our own past.

    For after two of them worked under one account and the other has ended for good: until then
    a sync refuses to write, since two would do everything twice.

    \b
    Examples:
      kace-bridge state adopt 9d41c07e
    """
    import re

    from kace_bridge.sync.foreign import adopt

    if not re.fullmatch("[0-9a-f]{8}", instance):
        raise UsageError(f"{instance!r} is no instance: write the 8 signs that the sync named")
    _require(app)
    with app.open_store(read_only=False) as store:
        adopt(store, instance)
        name = store.name
    if as_json:
        print_json({"store": name, "adopted": instance})
    else:
        app.say(f"{name}: what {instance} wrote counts as ours from now on")


@click.command("state verify", epilog=exit_codes(0, 1, 2, 75, 78, _1="a fault was found"))
@json_option
@pass_app
def state_verify(app: App, as_json: bool) -> int:
    """Does the store still say what was recorded? Its audit is replayed and compared.

    \b
    Examples:
      kace-bridge state verify
      kace-bridge --state sqlite:///nightly.db state verify --json
    """
    _require(app)
    with app.open_store() as store:
        name, found = store.name, store.verify()
    if as_json:
        print_json({"store": name, "faults": found})
    else:
        for fault in found:
            click.echo(shown(fault, 300))
        app.say(f"{name}: {count(len(found), 'fault') if found else 'no fault'}")
    return 1 if found else 0


@click.command("state prune", epilog=exit_codes(0, 2, 75, 78))
@click.option("--keep", default=KEPT, show_default=True, metavar="LENGTH",
              help="What is younger than this stays: 90d, 26w.")  # fmt: skip
@click.option("--yes", is_flag=True, help="Do not ask.")
@dry_run_option
@json_option
@pass_app
def state_prune(app: App, keep: str, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Remove what was over and done with long ago: sent messages, runs, reasons, old audit.

    That something was decided is never forgotten: nothing is done twice because of it.

    \b
    Examples:
      kace-bridge state prune
      kace-bridge state prune --keep 365d --yes
    """
    from kace_bridge.clock import SystemClock
    from kace_bridge.sla.duration import parse_duration

    try:
        length = parse_duration(keep)
    except ValueError as error:
        raise UsageError(f"--keep: {error}") from None
    if length.is_business:
        raise UsageError(f"--keep {keep!r}: count in plain time, like 90d or 26w")
    before = (app.now(UTC) or SystemClock().now()) - length.nominal
    _require(app)
    asks = app.asks and not (yes or dry_run or as_json)
    if asks:
        click.confirm(f"Remove what was over before {stamp(before)}?", abort=True)
    removed = _prune(app, before, dry_run=dry_run)
    if as_json:
        print_json({"before": before, "dry_run": dry_run, "removed": removed})
        return
    words = ", ".join(f"{number} {name}" for name, number in removed.items() if number)
    verb = "would be removed" if dry_run else "removed"
    app.say(f"{words or 'nothing'} {verb}, from before {stamp(before)}")


@click.command("state forget", epilog=exit_codes(0, 2, 75, 78))
@click.argument("tickets", metavar="TICKET...", nargs=-1, required=True, type=int)
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_app
def state_forget(app: App, tickets: tuple[int, ...], yes: bool, as_json: bool) -> None:
    """Remove the words and people of tickets: text, names, addresses, messages, reasons.

    That something was decided is kept, without its content: nothing is done twice. The ticket on
    the appliance is not touched; while a sync can still see it there, it is learnt again. Mails
    in a folder, and those sent, are beyond reach.

    \b
    Examples:
      kace-bridge state forget 4411
      kace-bridge state forget 4411 4412 --yes
    """
    _require(app)
    if app.asks and not (yes or as_json):
        click.confirm(f"Forget {count(len(tickets), 'ticket')} for good?", abort=True)
    with app.open_store(read_only=False) as store:
        removed = {ticket: store.forget(TicketId(ticket)) for ticket in tickets}
        store.compact()
    if as_json:
        print_json({"removed": removed})
        return
    for ticket, counts in removed.items():
        words = ", ".join(f"{number} {name}" for name, number in counts.items() if number)
        app.say(f"#{ticket}: {words or 'nothing was known'}{' forgotten' if words else ''}")


def _require(app: App) -> None:
    """Raise UsageError where there is no store: none is made by looking after it."""
    from kace_bridge.state.opening import shown_url, store_exists

    url = app.state_url()
    if not store_exists(url):
        raise UsageError(f"there is no store {shown_url(url)} yet; the first sync makes it")


def _prune(app: App, before: datetime, *, dry_run: bool) -> dict[str, int]:
    """Prune the store; a rehearsal prunes a copy of it, in a file of its own."""
    if not dry_run:
        with app.open_store(read_only=False) as store:
            return store.prune(before)
    from tempfile import TemporaryDirectory

    from kace_bridge.state import open_store

    with TemporaryDirectory() as folder:
        copy = Path(folder) / "copy.db"
        with app.open_store() as store:
            store.backup(copy)
        with open_store(f"sqlite:///{copy}") as store:
            return store.prune(before)
