"""The command ``resync``: a person has looked, and the appliance is to be trusted again."""

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.output import count, print_json, shown
from kace_bridge.errors import UsageError


@click.command("resync", epilog=exit_codes(0, 2, 75, 78))
@click.option("--restored", is_flag=True,
              help="It was restored from a backup, or is another one: learn all anew.")  # fmt: skip
@click.option("--reason", default="", metavar="TEXT", help="What was found; stands in the audit.")
@click.option("--as", "person", metavar="USER", help="Who says so; else this machine's user.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
@pass_app
def resync(
    app: App, restored: bool, reason: str, person: str | None, yes: bool, as_json: bool
) -> None:
    """Leave safe mode, in which a sync stops where the appliance contradicts what is known of it.

    Without --restored it is taken as it is now: tickets that vanished are gone, what was planned
    goes ahead. With --restored nothing old is believed: what was planned is withdrawn, and the next
    sync learns every ticket as the first one did, without firing anything for what is there.
    Decisions of the past stay explained and are not mistaken for new ones with the same numbers.

    \b
    Examples:
      kace-bridge resync --reason "the role of the account was mended"
      kace-bridge resync --restored --reason "backup of Monday, change 4711"
      kace-bridge resync --restored --yes --json
    """
    from kace_bridge.cli.escalate import this_user
    from kace_bridge.sync.act import LEASE

    if not app.has_store():
        raise UsageError("there is no store yet: nothing is known that could be contradicted")
    with app.open_store(read_only=False) as store:
        why = str(store.doubt().get("reason", ""))
        if not why and not restored:
            raise UsageError("there is no safe mode to leave; --restored learns all anew anyway")
        if app.asks and not (yes or as_json):
            app.say(shown(why, 500) if why else "There is no safe mode at present.")
            click.confirm("Learn everything anew?" if restored else "Is all well?", abort=True)
        with store.lease("sync", ttl=LEASE):
            withdrawn = store.leave_safe_mode(person or this_user(), reason, restored=restored)
            epoch = store.appliance_epoch()
    if as_json:
        print_json({"left": why or None, "restored": restored, "epoch": epoch,
                    "withdrawn": withdrawn})  # fmt: skip
    elif restored:
        app.say(f"{count(withdrawn, 'effect')} withdrawn. The next sync learns every ticket anew.")
    else:
        app.say("The next sync goes on where it stopped.")
