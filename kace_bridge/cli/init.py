"""The command ``init``: the shipped rules, written where the admin works."""

from pathlib import Path

import click

from kace_bridge.cli.options import exit_codes, json_option
from kace_bridge.cli.output import print_json
from kace_bridge.errors import UsageError


@click.command("init", epilog=exit_codes(0, 2, _0="the files are written"))
@click.argument("folder", default=".", type=click.Path(path_type=Path, file_okay=False))
@json_option
def init(folder: Path, as_json: bool) -> int:
    """Write rules.yaml and rules/ here, ready for the practice appliance and for your edits.

    With them comes the schema that lets an editor complete and check them while you type.
    Nothing that is already there is touched: where one of the files exists, none is written.

    \b
    Examples:
      kace-bridge init
      kace-bridge init /etc/kace-bridge
    """
    from kace_bridge.config.starter import SCHEMA, starter_files, write_schema, write_starter

    names = [*(name for name, _ in starter_files()), SCHEMA]
    taken = [name for name in names if (folder / name).exists()]
    if taken:
        raise UsageError(f"{folder / taken[0]} is already there: name another folder")
    written = [*write_starter(folder), write_schema(folder)]
    if as_json:
        print_json({"written": [str(path) for path in written]})
        return 0
    for path in written:
        click.echo(f"wrote {path}")
    click.echo("\nNext: kace-bridge rules check, then kace-bridge rules test.")
    click.echo("A practice appliance for them: kace-bridge sandbox serve")
    return 0
