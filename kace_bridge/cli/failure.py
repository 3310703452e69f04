"""Every way to end: an exception becomes one line on stderr and an exit code."""

import errno
import os
import sys
import traceback
from collections.abc import Iterator

import click

from kace_bridge.cli.context import App
from kace_bridge.config.problems import nearest
from kace_bridge.errors import ConfigError, KaceBridgeError
from kace_bridge.model.text import clean_line

INTERRUPTED = 130
BROKEN_PIPE = 141
UNEXPECTED = 70
NO_SPACE = 74
USAGE = 2
_LONGEST = 2000


def report(error: BaseException, app: App) -> int:
    """Say what went wrong, on stderr; the exit code."""
    match error:
        case click.exceptions.NoArgsIsHelpError():
            click.echo(error.format_message(), err=True)
            return USAGE
        case click.UsageError():
            return _usage(error)
        case click.ClickException():
            return _say([error.format_message()], error.exit_code)
        case KeyboardInterrupt():
            return _say(["interrupted"], INTERRUPTED)
        case click.Abort() | EOFError():
            return _say(["nothing was done"], 1)
        case BrokenPipeError():
            return _mute()
        case KaceBridgeError():
            return _known(error, app)
        case OSError(errno=errno.ENOSPC):
            return _say(["cannot write: no space left on the device"], NO_SPACE)
    return _unknown(error, app)


def _known(error: KaceBridgeError, app: App) -> int:
    _trace(error, app)
    if isinstance(error, ConfigError):
        return _say([str(problem) for problem in error.problems], error.exit_code)
    return _say([str(error)], error.exit_code)


def _unknown(error: BaseException, app: App) -> int:
    _trace(error, app)
    what = clean_line(str(error), 300) or type(error).__name__
    more = "" if app.verbosity > 0 else "; run with -v for the details"
    return _say([f"unexpected error: {type(error).__name__}: {what}{more}"], UNEXPECTED)


def _usage(error: click.UsageError) -> int:
    lines = [" ".join(_said(error))]
    if error.ctx is not None:
        if not isinstance(error.ctx.command, click.Group):
            lines += [f"example: {line}" for line in examples_of(error.ctx.command)[:1]]
        lines.append(f"help: {error.ctx.command_path} --help")
    return _say(lines, USAGE)


def _said(error: click.UsageError) -> Iterator[str]:
    if not isinstance(error, click.NoSuchOption) or error.ctx is None:
        message = error.format_message()
        yield message if message.endswith((".", "?", "!")) else f"{message}."
        return
    yield f"no option '{error.option_name}'."
    own = _options(error.ctx.command)
    above = _options(error.ctx.find_root().command)
    if error.option_name in above:
        yield f"{error.option_name} goes before the command."
    elif found := nearest(error.option_name, [*own, *above]):
        yield f"Did you mean '{found[0]}'?"


def _options(command: click.Command) -> list[str]:
    return [name for param in command.params for name in (*param.opts, *param.secondary_opts)
            if isinstance(param, click.Option)]  # fmt: skip


def examples_of(command: click.Command) -> list[str]:
    """The command lines under "Examples:" in a command's help, without what explains them."""
    _, found, rest = (command.help or "").partition("Examples:\n")
    lines = rest.split("\n\n")[0].splitlines() if found else []
    return [line.split("  ")[0] for line in (line.strip() for line in lines) if line]


def _say(lines: list[str], code: int) -> int:
    for line in lines:
        for part in line.splitlines() or [""]:
            click.echo(f"kace-bridge: {clean_line(part, _LONGEST)}", err=True)
    return code


def _trace(error: BaseException, app: App) -> None:
    """The traceback, only where asked for; without local values, which may be secrets."""
    if app.verbosity > 0:
        lines = "".join(traceback.format_exception(error)).splitlines()
        for line in lines:
            indent = line[: len(line) - len(line.lstrip())]
            click.echo(indent + clean_line(line, _LONGEST), err=True)


def _mute() -> int:
    """The reader of our output went away: be quiet, also when the interpreter flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return BROKEN_PIPE
