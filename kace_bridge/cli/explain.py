"""The command ``explain``: why a ticket got what it got, and why not something else."""

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import TICKET, exit_codes, json_option
from kace_bridge.cli.output import print_json
from kace_bridge.errors import UsageError
from kace_bridge.model.ids import TicketId


@click.command("explain", epilog=exit_codes(0, 1, 2, 75, 77, 78, _1="no such ticket"))
@click.argument("ticket", metavar="ID", type=TICKET)
@click.option("--rule", metavar="R", help="This rule alone, with every step of its condition.")
@json_option
@pass_app
def explain(app: App, ticket: TicketId, rule: str | None, as_json: bool) -> None:
    """Why a ticket got what it got, and why not something else.

    First what was decided and what became of it, as recorded then. Then every rule as it judges
    the ticket now: those that match with all their reasons, the others with the first thing
    that stands in the way.

    \b
    Examples:
      kace-bridge explain 41
      kace-bridge explain TICK:41 --rule to-network
      kace-bridge explain 41 --json
    """
    from kace_bridge.cli.explain_text import print_explanation
    from kace_bridge.sync.explain import explain as ask

    with app.open_bridge(read_only=True) as bridge:
        rules = bridge.site.rules
        if rule is not None and rules.find(rule) is None and not rule.startswith("command:"):
            from kace_bridge.config.problems import did_you_mean

            names = [known.id for known in rules.rules]
            raise UsageError(f"no rule '{rule}'. {did_you_mean(rule, names)}".rstrip())
        found = ask(bridge, ticket, rule)
        if as_json:
            print_json(found.as_data())
        else:
            print_explanation(found, bridge.zone, whole=rule is not None)
