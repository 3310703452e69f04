"""The command reference, ``docs/commands.md``, written from the commands themselves.

``python -m kace_bridge.cli.reference`` prints it; a test fails while the page is not the same.
"""

from collections.abc import Iterator

import click

from kace_bridge.cli.commands import SECTIONS, Entry
from kace_bridge.cli.group import load
from kace_bridge.cli.program import NAME, program

HEAD = """\
# Commands

<!-- Written by `python -m kace_bridge.cli.reference > docs/commands.md`. Edit the commands, not \
this page. -->

Global options go before the command: `kace-bridge -c site/rules.yaml sync`. Everything that
prints takes `--json` and then prints one object on one line.
"""


def render() -> str:
    """The whole page."""
    return "\n".join(_lines()).rstrip() + "\n"


def _lines() -> Iterator[str]:
    yield HEAD
    for title, entries in SECTIONS:
        links = (f"[`{entry.name}`](#{_anchor(entry.name)})" for entry in entries)
        yield f"- {title}: {' · '.join(links)}"
    yield from ("", f"## {NAME}", "", *_help(program, NAME))
    for title, entries in SECTIONS:
        yield from ("", f"## {title}")
        for entry in entries:
            yield from _command(entry)


def _command(entry: Entry) -> Iterator[str]:
    yield from ("", f"### {entry.name}", "", entry.help, "")
    yield from _help(load(entry), f"{NAME} {entry.name}")


def _help(command: click.Command, path: str) -> Iterator[str]:
    settings = {"terminal_width": 90, "help_option_names": ["-h", "--help"]}
    with click.Context(command, info_name=path, **settings) as ctx:  # type: ignore[arg-type]
        yield from ("```text", command.get_help(ctx).rstrip(), "```")


def _anchor(name: str) -> str:
    return name.replace(" ", "-")


if __name__ == "__main__":
    click.echo(render(), nl=False)
