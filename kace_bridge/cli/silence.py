"""The commands ``silence add``, ``silence list`` and ``silence expire``: what is not sent."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.by_hand import as_option, need, this_user
from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.moments import appliance_zone, present, read_end
from kace_bridge.cli.options import TICKET, dry_run_option, exit_codes, json_option
from kace_bridge.cli.output import print_json, print_table, stamp
from kace_bridge.errors import UsageError

if TYPE_CHECKING:
    from kace_bridge.state.rows import Silence


@click.command("silence add", epilog=exit_codes(0, 2, 75, 77, 78))
@click.argument("matches", metavar="KEY=VALUE...", nargs=-1, required=True)
@click.option("--for", "until", metavar="LENGTH|TIME", default="4h", show_default=True,
              help="How long: 30m, 4h, 2bd; or until when: 'fri 17:00', 2026-03-06.")  # fmt: skip
@click.option("--reason", metavar="TEXT", help="Why; whoever wonders reads it.")
@as_option
@dry_run_option
@json_option
@pass_app
def silence_add(
    app: App,
    matches: tuple[str, ...],
    until: str,
    reason: str | None,
    person: str | None,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Send no messages that fit: by ticket, rule, template or recipient, for a while.

    All that is named must fit; recipient, rule and template may have * in them. Tickets are
    changed as before, and each message not sent is kept in the outbox as dropped.

    \b
    Examples:
      kace-bridge silence add ticket=4411 --for 4h --reason "caller is on the phone"
      kace-bridge silence add rule=no-first-answer template=nudge --for 1bd --reason training
      kace-bridge silence add "recipient=*@example.org" --for 30m --reason "mail server moves"
    """
    match = _read(app, matches)
    why = need(app, reason, "--reason", "Say why", as_json=as_json)
    site = app.site(secrets=False)
    zone, now = appliance_zone(app), present(app)
    end = read_end(until, zone, now, "--for", site.rules.calendars.get(site.rules.calendar or ""))
    by, number = person or this_user(), 0
    if not dry_run:
        with app.open_store(read_only=False) as store:
            number = store.add_silence(match, now, end, by=by, reason=why)
    if as_json:
        print_json({"number": number or None, "match": match, "until": end, "by": by,
                    "reason": why})  # fmt: skip
        return
    word = "Would be silent" if dry_run else "Silent"
    tail = "" if dry_run else f"\nEnd it with: kace-bridge silence expire {number}"
    app.say(f"{word} until {stamp(end, zone)}: {_shown(match)}.{tail}")


@click.command("silence list", epilog=exit_codes(0, 2, 75, 77, 78))
@click.option("--all", "everything", is_flag=True, help="Those that are over too.")
@json_option
@pass_app
def silence_list(app: App, everything: bool, as_json: bool) -> None:
    """What is silenced, until when and why.

    \b
    Examples:
      kace-bridge silence list
      kace-bridge silence list --all --json
    """
    zone, now = appliance_zone(app), present(app)
    with app.open_store() as store:
        found = store.list_silences(None if everything else now)
    if as_json:
        print_json({"silences": [_as_data(silence, now) for silence in found]})
        return
    if not found:
        app.say("Nothing is silenced.")
        return
    rows = [(s.id, _shown(s.match), stamp(s.until, zone), s.by, s.reason) for s in found]
    print_table(("No.", "Match", "Until", "By", "Reason"), rows, stretch=4, right=(0,))


@click.command("silence expire", epilog=exit_codes(0, 2, 75, 77, 78))
@click.argument("number", metavar="NUMBER", type=click.IntRange(min=1))
@json_option
@pass_app
def silence_expire(app: App, number: int, as_json: bool) -> None:
    """End a silence now. NUMBER is what 'silence list' shows; what was dropped stays dropped.

    \b
    Examples:
      kace-bridge silence expire 3
    """
    now = present(app)
    with app.open_store(read_only=False) as store:
        if not store.expire_silence(number, now):
            raise UsageError(f"no silence {number} that lasts; see 'kace-bridge silence list'")
    if as_json:
        print_json({"number": number, "ended": now})
    else:
        app.say(f"Silence {number} is over.")


def _read(app: App, matches: tuple[str, ...]) -> dict[str, str]:
    """The pairs, each known. Raises UsageError with the nearest."""
    from kace_bridge.config.problems import did_you_mean
    from kace_bridge.sync.silence import KEYS

    found: dict[str, str] = {}
    for pair in matches:
        key, equals, value = pair.partition("=")
        if not equals or not value.strip():
            raise UsageError(f"'{pair}' is no KEY=VALUE; write ticket=4411 or rule=no-answer")
        if key not in KEYS:
            raise UsageError(f"unknown key '{key}'. {did_you_mean(key, KEYS)}".rstrip())
        if key in found:
            raise UsageError(f"'{key}' is named twice: all of a silence must fit; add two silences")
        found[key] = value.strip()
    if "ticket" in found:
        found["ticket"] = str(TICKET.convert(found["ticket"], None, None))
    rule = found.get("rule", "*")
    known = [each.id for each in app.site(secrets=False).rules.rules]
    if "*" not in rule and rule not in known:
        raise UsageError(f"no rule '{rule}'. {did_you_mean(rule, known)}".rstrip())
    return found


def _shown(match: Mapping[str, str]) -> str:
    return " ".join(f"{key}={value}" for key, value in sorted(match.items()))


def _as_data(silence: "Silence", now: datetime) -> dict[str, object]:
    return {
        "number": silence.id, "match": dict(silence.match), "from": silence.start,
        "until": silence.until, "over": silence.until <= now, "by": silence.by,
        "reason": silence.reason,
    }  # fmt: skip
