"""The program: global options, the table of commands, one place that turns errors into words."""

import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from kace_bridge import __version__
from kace_bridge.cli.commands import SECTIONS
from kace_bridge.cli.context import App
from kace_bridge.cli.group import LazyGroup

NAME = "kace-bridge"
HELP = """Routes, escalates and notifies for the Quest KACE SMA service desk.

\b
Examples:
  kace-bridge demo                 see the whole process, nothing needed
  kace-bridge rules check          is the configuration right?
  kace-bridge plan                 what would be written?
  kace-bridge sync                 do it
  kace-bridge explain 4411         why?
"""
EPILOG = """\b
Options above go before the command. Every command has --help with examples.
Exit codes: 0 done, 1 some tickets failed, 2 usage, 4 held for approval,
  10 plan found changes, 70 a fault of this program, 75 try again later,
  77 login refused, 78 configuration.
Completion: eval "$(_KACE_BRIDGE_COMPLETE=bash_source kace-bridge)"
"""


class Program(LazyGroup):
    """The outermost group. Never shows a traceback unless asked to with -v."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        windows_expand_args: bool = True,
        **extra: Any,
    ) -> Any:
        """Run one command line; exits with its code (or returns it when not standalone)."""
        app = extra.setdefault("obj", App())
        extra.setdefault("terminal_width", _help_width())
        _make_printable()
        del windows_expand_args  # ticket numbers and file names are taken as they stand
        code = self._run(app, args, prog_name or NAME, complete_var, extra)
        if standalone_mode:
            sys.exit(code)
        return code

    def _run(
        self,
        app: App,
        args: Sequence[str] | None,
        prog_name: str,
        complete_var: str | None,
        extra: dict[str, Any],
    ) -> int:
        if args is None:
            args = sys.argv[1:]
        try:
            self._main_shell_completion(extra, prog_name, complete_var)
            with self.make_context(prog_name, list(args), **extra) as ctx:
                result = self.invoke(ctx)
            sys.stdout.flush()
        except click.exceptions.Exit as end:
            return end.exit_code
        except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 -- the last one to see it
            from kace_bridge.cli.failure import report

            return report(error, app)
        return result if isinstance(result, int) else 0


def _make_printable() -> None:
    """A character the terminal cannot show becomes an escape instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        if reconfigure := getattr(stream, "reconfigure", None):
            reconfigure(errors="backslashreplace")


def _help_width() -> int:
    """As click reckons it, without the modules that shutil brings along."""
    columns = os.environ.get("COLUMNS", "")
    if columns.isdecimal():
        found = int(columns)
    else:
        try:
            found = os.get_terminal_size(1).columns
        except OSError:
            found = 80
    return max(50, min(found, 80) - 2)


def _no_color(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    del param
    if value or os.environ.get("NO_COLOR"):
        ctx.color = False


def _start(ctx: click.Context, **given: Any) -> None:
    app = ctx.find_object(App)
    assert app is not None
    app.config_file = given["config"]
    app.state = given["state"]
    app.at = given["at"]
    app.verbosity = -1 if given["quiet"] else given["verbose"]
    from kace_bridge.cli.logs import start_logging

    start_logging(app.verbosity)


def _parameters() -> list[click.Parameter]:
    return [
        click.Option(["-c", "--config"], default="rules.yaml", show_default=True,
                     envvar="KACE_BRIDGE_CONFIG", metavar="FILE",
                     help="The configuration [env KACE_BRIDGE_CONFIG]."),
        click.Option(["--state"], envvar="KACE_BRIDGE_STATE", metavar="URL",
                     help="Where state lives, sqlite:///FILE or postgresql://HOST/DATABASE"
                     " [env KACE_BRIDGE_STATE; default: kace-bridge.db beside the configuration]."),
        click.Option(["--at"], metavar="TIME",
                     help="Take this as the present, for rehearsals: 2026-03-02T09:00."),
        click.Option(["-v", "--verbose"], count=True, help="Show the log; -vv shows more of it."),
        click.Option(["-q", "--quiet"], is_flag=True, help="Print results and errors only."),
        click.Option(["--no-color"], is_flag=True, expose_value=False, is_eager=True,
                     callback=_no_color, help="No colours, also with NO_COLOR set."),
        click.version_option(__version__, prog_name=NAME, message="%(prog)s %(version)s")(
            click.Command("version")
        ).params[0],
    ]  # fmt: skip


program = Program(NAME, SECTIONS, summary=HELP)
program.epilog = EPILOG
program.context_settings["help_option_names"] = ["-h", "--help"]
program.params = _parameters()
program.callback = click.pass_context(_start)
