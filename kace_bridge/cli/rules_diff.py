"""The command ``rules diff``: not the text that differs, but the tickets whose outcome does."""

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.output import count, print_json, shown
from kace_bridge.errors import UsageError

if TYPE_CHECKING:
    from kace_bridge.config.load import Site
    from kace_bridge.sync.compare import Changed, Comparison, Did, Outcome

CHANGES = 10
_MOST = 20


@click.command(
    "rules diff", epilog=exit_codes(0, 2, 10, 78, _0="no outcome changes", _10="some outcomes do")
)
@click.argument("old", metavar="OLD")
@click.argument("new", metavar="[NEW]", required=False)
@click.option("--against", "dump", metavar="FILE",
              type=click.Path(path_type=Path, dir_okay=False),
              help="Judge the tickets of this JSON file, not those in the store.")  # fmt: skip
@click.option("--intake", is_flag=True, help="Only look at the moment each ticket came in.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(min=0),
              help="Show so many tickets; 0 for all.")  # fmt: skip
@json_option
@pass_app
def rules_diff(
    app: App,
    old: str,
    new: str | None,
    dump: Path | None,
    intake: bool,
    limit: int,
    as_json: bool,
) -> int:
    """The tickets whose outcome changes between two versions of the rules.

    OLD and NEW are files, folders or git revisions (main, HEAD~1, or both at once: main..HEAD);
    without NEW it is the configuration of -c as it stands. Every ticket the store knows is judged
    by both as if it came in new, with what people did to it since. Nothing is asked of the
    appliance, and no password has to be set.

    \b
    Examples:
      kace-bridge rules diff HEAD
      kace-bridge rules diff main..HEAD --intake
      kace-bridge rules diff rules.yaml drafts/rules.yaml --json
      kace-bridge rules diff HEAD --against tickets.json
    """
    from kace_bridge.sync.versions import open_version

    if new is None and ".." in old and not Path(old).exists():
        old, _, new = old.partition("..")
    with open_version(old, app.config, os.environ) as before:
        if new:
            with open_version(new, app.config, os.environ) as after:
                found = _compare(app, before, after, dump, intake=intake)
        else:
            found = _compare(app, before, app.site(secrets=False), dump, intake=intake)
    if as_json:
        print_json(_as_data(found))
    else:
        _print(app, found, limit)
    return CHANGES if found.changed else 0


def _compare(
    app: App, before: "Site", after: "Site", dump: Path | None, *, intake: bool
) -> "Comparison":
    from zoneinfo import ZoneInfo

    from kace_bridge.clock import SystemClock
    from kace_bridge.rules.facts import Desk
    from kace_bridge.sync.compare import compare, pasts_in
    from kace_bridge.sync.desk import FRESH_STATES
    from kace_bridge.sync.recorded import read_pasts, states_of, stored_desk

    zone = ZoneInfo(after.settings.appliance.timezone)
    if dump is not None:
        desk = Desk(after.rules.teams, after.rules.groups)
        pasts = pasts_in(_read(dump), zone, desk, FRESH_STATES)
        return compare(before.rules, after.rules, pasts, desk, FRESH_STATES, None)
    with app.open_store() as store:
        desk = stored_desk(after.rules, store)
        pasts = list(read_pasts(store, zone, desk))
    until = None if intake else app.now(zone) or SystemClock().now()
    return compare(before.rules, after.rules, pasts, desk, states_of(pasts), until)


def _read(path: Path) -> object:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror or error}") from error
    except ValueError as error:
        raise UsageError(f"{path} is no JSON: {error}") from error


def _print(app: App, found: "Comparison", limit: int) -> None:
    for changed in found.changed[: limit or None]:
        _print_ticket(changed)
    if limit and len(found.changed) > limit:
        click.echo(f"and {len(found.changed) - limit} more: --limit 0")
    for problem in found.problems:
        click.echo(click.style("problem: ", fg="red") + shown(problem, 500))
    if found.changed:
        app.say()
    for (gone, come), times in found.moves.most_common(_MOST):
        app.say(f"  {times:>5}  {gone or '(nothing)'} -> {come or '(nothing)'}")
    if len(found.moves) > _MOST:
        app.say(f"         and {len(found.moves) - _MOST} more pairs of rules, see --json")
    if not found.tickets:
        app.say("The store knows no ticket whose creation was seen: use --against FILE.")
    elif not found.changed:
        app.say(f"The outcome of {count(found.tickets, 'ticket')} stays the same.")
    else:
        app.say(f"The outcome of {len(found.changed)} of {count(found.tickets, 'ticket')} changes.")


def _print_ticket(changed: "Changed") -> None:
    click.secho(f"#{changed.ticket} {shown(changed.title, 70)}", bold=True)
    if changed.only_words:
        click.echo("  only the words of messages differ")
        return
    if changed.old.owner != changed.new.owner:
        click.echo(f"  owner: {_owner(changed.old)} -> {_owner(changed.new)}")
    old, new = [d.effect for d in changed.old.did], [d.effect for d in changed.new.did]
    for did in changed.old.did:
        if did.effect not in new:
            click.secho(f"  - {_words(did)}", fg="red")
    for did in changed.new.did:
        if did.effect not in old:
            click.secho(f"  + {_words(did)}", fg="green")


def _owner(outcome: "Outcome") -> str:
    team = f" ({shown(outcome.team)})" if outcome.team else ""
    return f"{shown(outcome.owner or 'nobody')}{team}"


def _words(did: "Did") -> str:
    from kace_bridge.sync.compare import shown_rule

    parts = [f"{name} = {shown(value or 'nothing', 60)}" for name, value in did.values]
    parts += [f"{template} to {shown(to or channel, 60)}" for template, to, channel in did.messages]
    parts += ["a comment" for _ in did.comments]
    shadow = " (shadow)" if did.mode == "shadow" else ""
    return f"{shown_rule(did)}{shadow}: {', '.join(parts)}"


def _as_data(found: "Comparison") -> dict[str, object]:
    return {
        "tickets": found.tickets,
        "changed": [
            {
                "ticket": changed.ticket, "title": changed.title,
                "only_words": changed.only_words,
                "old": _outcome(changed.old), "new": _outcome(changed.new),
            }
            for changed in found.changed
        ],
        "rules": [{"old": gone or None, "new": come or None, "tickets": times}
                  for (gone, come), times in found.moves.most_common()],
        "problems": found.problems,
    }  # fmt: skip


def _outcome(outcome: "Outcome") -> dict[str, object]:
    return {
        "owner": outcome.owner, "team": outcome.team,
        "decisions": [
            {
                "rule": did.rule, "level": did.level, "mode": did.mode, "set": dict(did.values),
                "messages": [{"template": template, "to": to, "channel": channel}
                             for template, to, channel in did.messages],
                "comments": list(did.comments),
            }
            for did in outcome.did
        ],
    }  # fmt: skip
