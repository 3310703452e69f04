"""The commands ``outbox list``, ``show``, ``retry`` and ``drop``: messages on their way out."""

from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.output import count, print_json, print_table, shown, stamp
from kace_bridge.errors import UsageError
from kace_bridge.model.text import clean_text

if TYPE_CHECKING:
    from kace_bridge.state import Store
    from kace_bridge.state.rows import OutboxRow

_STATES = ("pending", "sending", "sent", "dead", "dropped")
_OPEN = ("pending", "sending", "dead")
_KEY = 10
"""Characters of a key that are shown: enough to name a message."""
_EVERYTHING = 1_000_000
_NOT_ALL = "a message was not in a state for it; the others were changed"


@click.command("outbox list", epilog=exit_codes(0, 2, 78))
@click.option("--state", type=click.Choice(_STATES), multiple=True,
              help="Only these; else what is not done with: pending, sending, dead.")  # fmt: skip
@click.option("--limit", default=100, show_default=True, type=click.IntRange(min=1),
              help="At most so many, the oldest.")  # fmt: skip
@json_option
@pass_app
def outbox_list(app: App, state: tuple[str, ...], limit: int, as_json: bool) -> None:
    """Messages waiting or failed, oldest first; 'dead' ones are sent again only if you say so.

    \b
    Examples:
      kace-bridge outbox list
      kace-bridge outbox list --state dead
      kace-bridge outbox list --state sent --limit 10 --json
    """
    with app.open_store() as store:
        found = store.outbox(state or _OPEN, limit)
    if as_json:
        print_json({"messages": [_as_data(row) for row in found]})
        return
    if not found:
        app.say("No such messages." if state else "Nothing waits and nothing failed.")
        return
    rows = [
        (row.key[:_KEY], row.message.ticket, row.message.to or row.message.channel, row.state,
         row.attempts, stamp(row.next_at) if row.state == "pending" else None, row.last_error)
        for row in found
    ]  # fmt: skip
    headers = ("Key", "Ticket", "To", "State", "Tries", "Next try", "Reason")
    print_table(headers, rows, stretch=6, right=(1, 4))


@click.command("outbox show", epilog=exit_codes(0, 2, 78))
@click.argument("key", metavar="KEY")
@json_option
@pass_app
def outbox_show(app: App, key: str, as_json: bool) -> None:
    """One message in full. KEY is what 'outbox list' shows.

    \b
    Examples:
      kace-bridge outbox show 3fa9c02b11
      kace-bridge outbox show 3fa9c02b11 --json
    """
    with app.open_store() as store:
        row = _find(store, key)
    if as_json:
        print_json(_as_data(row) | {"text": row.message.text, "html": row.message.html})
        return
    message = row.message
    click.secho(shown(message.subject), bold=True)
    whom = f"{message.name} <{message.to}>" if message.to else message.channel
    for name, value in (
        ("key", row.key), ("ticket", message.ticket), ("to", whom), ("channel", message.channel),
        ("state", f"{row.state}, {count(row.attempts, 'try', 'tries')}"),
        ("reason", row.last_error), ("dated", stamp(message.date)), ("sent", stamp(row.sent_at)),
    ):  # fmt: skip
        click.echo(f"  {name:<8} {shown(value, 500)}")
    click.echo()
    click.echo(clean_text(message.text).rstrip())


@click.command("outbox retry", epilog=exit_codes(0, 1, 2, 75, 78, _1=_NOT_ALL))
@click.argument("keys", metavar="[KEY]...", nargs=-1)
@click.option("--dead", is_flag=True, help="Every message that failed for good.")
@click.option("--channel", "channels", metavar="NAME", multiple=True,
              help="Ask a channel that rests or is gone; all that waits for it.")  # fmt: skip
@json_option
@pass_app
def outbox_retry(
    app: App, keys: tuple[str, ...], dead: bool, channels: tuple[str, ...], as_json: bool
) -> int:
    """Put failed or dropped messages back in line; the next sync sends them.

    A channel that rests after faults is asked by the next sync, whatever it did before, and so
    is one that said (410) that it is gone: that one is asked again by this command alone.

    \b
    Examples:
      kace-bridge outbox retry 3fa9c02b11
      kace-bridge outbox retry --dead
      kace-bridge outbox retry --channel ops
    """
    if not (keys or dead or channels):
        raise UsageError("name a message, a --channel, or --dead for all that failed;"
                         " see 'outbox list'")  # fmt: skip
    with app.open_store(read_only=False) as store:
        woken = _wake(store, channels)
        rows = [_find(store, key) for key in keys]
        if dead:  # what a summary carries goes with it
            rows += [row for row in store.outbox(("dead",), _EVERYTHING) if not row.bundle]
        # A message's own date is the appliance's time, and past: it is due at once.
        changed = {row.key: store.requeue(row.key, row.message.date) for row in rows}
    if as_json:
        return _changed_as_json("retried", changed, channels=woken)
    for channel, waiting in woken.items():
        app.say(f"The next sync asks '{channel}' again; {count(waiting, 'message')} waited for it.")
    number = sum(changed.values())
    if number or not (changed or woken):
        said = f"{count(number, 'message')} back in line"
        app.say(f"{said}; the next sync sends what waits." if number else f"{said}.")
    return _report_unchanged(rows, changed, "only dead and dropped messages are sent again")


@click.command("outbox drop", epilog=exit_codes(0, 1, 2, 75, 78, _1=_NOT_ALL))
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@click.option("--reason", default="dropped by hand", show_default=True, metavar="TEXT",
              help="Kept beside the message.")  # fmt: skip
@json_option
@pass_app
def outbox_drop(app: App, keys: tuple[str, ...], reason: str, as_json: bool) -> int:
    """Give messages up that were not sent. They stay on record and can be retried.

    \b
    Examples:
      kace-bridge outbox drop 3fa9c02b11
      kace-bridge outbox drop 3fa9c02b11 --reason "left the company"
    """
    with app.open_store(read_only=False) as store:
        rows = [_find(store, key) for key in keys]
        changed = {row.key: store.dropped(row.key, reason) for row in rows}
    if as_json:
        return _changed_as_json("dropped", changed)
    if any(changed.values()):
        app.say(f"{count(sum(changed.values()), 'message')} dropped.")
    return _report_unchanged(rows, changed, "only messages still waiting can be dropped")


def _wake(store: "Store", channels: tuple[str, ...]) -> dict[str, int]:
    """How many messages waited for each of *channels*."""
    from kace_bridge.cli.escalate import this_user

    known = {name.removeprefix("channel:") for name in store.breakers()}
    known |= {row.message.channel for row in store.outbox(("pending",), _EVERYTHING)}
    for channel in channels:
        if channel not in known:
            raise UsageError(f"channel '{channel}' does not rest, and no message waits for it")
    return {channel: store.wake(channel, this_user()) for channel in channels}


def _changed_as_json(word: str, changed: dict[str, bool], **more: object) -> int:
    print_json(more | {
        word: [key for key, done in changed.items() if done],
        "unchanged": [key for key, done in changed.items() if not done],
    })  # fmt: skip
    return 0 if all(changed.values()) else 1


def _report_unchanged(rows: "list[OutboxRow]", changed: dict[str, bool], rule: str) -> int:
    for row in rows:
        if not changed[row.key]:
            click.echo(f"{row.key[:_KEY]} stays as it is ({row.state}): {rule}", err=True)
    return 0 if all(changed.values()) else 1


def _find(store: "Store", key: str) -> "OutboxRow":
    """The one message whose key starts so."""
    found = [row for row in store.outbox(None, _EVERYTHING) if row.key.startswith(key)]
    exact = [row for row in found if row.key == key]
    if len(exact or found) == 1:
        return (exact or found)[0]
    if found:
        raise UsageError(f"'{key}' begins the key of {len(found)} messages; give more of it")
    raise UsageError(f"no message '{key}'; 'kace-bridge outbox list' shows the keys")


def _as_data(row: "OutboxRow") -> dict[str, object]:
    message = row.message
    return {
        "key": row.key, "decision": row.decision, "ticket": message.ticket,
        "channel": message.channel, "to": message.to, "name": message.name,
        "subject": message.subject, "template": message.template, "urgent": message.urgent,
        "state": row.state, "attempts": row.attempts, "ambiguous": row.ambiguous,
        "next_at": row.next_at, "last_error": row.last_error, "sent_at": row.sent_at,
        "date": message.date,
    }  # fmt: skip
