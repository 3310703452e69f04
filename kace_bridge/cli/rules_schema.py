"""The command ``rules schema``: what a rules file may look like, for editors and validators."""

import json

import click

from kace_bridge.cli.context import App, pass_app
from kace_bridge.cli.options import exit_codes


@click.command("rules schema", epilog=exit_codes(0, 2))
@click.option("--json", "as_json", is_flag=True, help="On one line instead of indented.")
@pass_app
def rules_schema(app: App, as_json: bool) -> None:
    """Print a JSON Schema of the configuration: rules.yaml and every file it includes.

    Editors that know YAML complete keys and mark slips with it. What needs several places at once
    (names of teams, contradictions) only 'rules check' finds.

    \b
    Examples:
      kace-bridge rules schema
      kace-bridge rules schema --json
    """
    from kace_bridge.config.schema_page import json_schema, page

    del app
    click.echo(json.dumps(json_schema()) if as_json else page(), nl=as_json)
