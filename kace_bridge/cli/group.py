"""Groups of commands that are imported only when called."""

import importlib
from collections.abc import Sequence

import click

from kace_bridge.cli.commands import GROUPS, SECTIONS, Entry

Section = tuple[str, Sequence[Entry]]


class LazyGroup(click.Group):
    """A group whose commands come from a table; nested where a name has two words.

    ``skip`` is how many words of each entry's name lie above this group.
    """

    def __init__(
        self, name: str, sections: Sequence[Section], skip: int = 0, summary: str | None = None
    ) -> None:
        super().__init__(name, help=summary)
        self.sections = sections
        self.skip = skip

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        names = (entry.name.split()[self.skip] for _, part in self.sections for entry in part)
        return list(dict.fromkeys(names))

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        del ctx
        found = [
            entry
            for _, part in self.sections
            for entry in part
            if entry.name.split()[self.skip] == cmd_name
        ]
        if len(found) == 1 and len(found[0].name.split()) == self.skip + 1:
            return load(found[0])
        if found:
            return LazyGroup(cmd_name, [("Commands", found)], self.skip + 1, GROUPS[cmd_name])
        return None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        name = args[0]
        if ctx.resilient_parsing or self.get_command(ctx, name) is not None:
            return super().resolve_command(ctx, args)
        if name.startswith("-"):
            # An option the parser left alone: let it say so in its own words.
            self.parse_args(ctx, args)
        raise click.UsageError(f"no command '{name}'. {self._hint(ctx, name)}", ctx)

    def _hint(self, ctx: click.Context, name: str) -> str:
        from kace_bridge.config.problems import nearest

        known = self.list_commands(ctx)
        whole = [entry.name for _, part in SECTIONS for entry in part]
        path = " ".join(ctx.command_path.split()[1:])
        close = [f"{path} {found}".strip() for found in nearest(name, known)]
        close += nearest(name, whole) + [full for full in whole if full.endswith(f" {name}")]
        if close:
            return f"Did you mean '{close[0]}'?"
        return f"There are: {', '.join(known)}."

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        width = max(len(self._shown(entry)) for _, part in self.sections for entry in part)
        for title, part in self.sections:
            with formatter.section(title):
                # Padded alike, so that the columns of all sections line up.
                rows = [(self._shown(entry).ljust(width), entry.help) for entry in part]
                formatter.write_dl(rows)

    def _shown(self, entry: Entry) -> str:
        return " ".join(entry.name.split()[self.skip :])


def load(entry: Entry) -> click.Command:
    """Import the command of *entry*."""
    module, _, attribute = entry.target.partition(":")
    command = getattr(importlib.import_module(module), attribute)
    assert isinstance(command, click.Command)
    return command
