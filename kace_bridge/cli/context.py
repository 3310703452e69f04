"""What every command is given: the global options, and the way to the parts it needs."""

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from datetime import datetime, tzinfo
    from pathlib import Path

    from kace_bridge.config.light import Account
    from kace_bridge.config.load import Site
    from kace_bridge.config.problems import Problem
    from kace_bridge.sma import Sma
    from kace_bridge.state import Store
    from kace_bridge.sync.wire import Bridge


_USUAL = "rules.yaml"


class App:
    """The global options. ``verbosity``: -1 errors only, 0 as usual, 1 and 2 with the log.

    A plain class: ``--help`` is to cost little more than importing click.
    """

    def __init__(self, *, asks: bool | None = None) -> None:
        self.config_file = _USUAL
        self.state: str | None = None
        self.at: str | None = None
        self.verbosity = 0
        self._asks = asks
        self._account: Account | None = None

    @property
    def config(self) -> "Path":
        """The main file."""
        from pathlib import Path

        return Path(self.config_file)

    @property
    def asks(self) -> bool:
        """Whether somebody is there to answer a question."""
        return sys.stdin.isatty() if self._asks is None else self._asks

    def site(self, *, secrets: bool = True) -> "Site":
        """The whole configuration. Raises ConfigError with every problem."""
        from kace_bridge.config.load import load

        site = load(self.config, environ=os.environ, secrets=secrets)
        self._warn(site.warnings)
        return site

    @contextmanager
    def open_bridge(
        self, *, read_only: bool = False, shadow_ok: bool = False
    ) -> Iterator["Bridge"]:
        """Configuration, client and store, put together and closed afterwards."""
        from kace_bridge.sync import wire

        site = self.site()
        at = wire.parse_at(self.at, site.settings.appliance.timezone)
        with wire.bridge(
            site, state=self.state_url(), at=at, read_only=read_only, shadow_ok=shadow_ok
        ) as bridge:
            yield bridge

    @contextmanager
    def open_client(self) -> Iterator["Sma"]:
        """The client alone: reads the account, no rules, and opens no store."""
        from kace_bridge.clock import SystemClock
        from kace_bridge.sync.account import open_client

        with open_client(self.account(), os.environ, SystemClock(), read_only=True) as sma:
            yield sma

    def account(self) -> "Account":
        """The account and its queues, of the environment alone where there are no rules; read once.

        Raises ConfigError.
        """
        if self._account is None:
            from kace_bridge.config.light import environment_account, read_account

            if self.config_file == _USUAL and "KACE_URL" in os.environ and not self.config.exists():
                self._account = environment_account(os.environ, self.config.parent)
            else:
                self._account = read_account(self.config, os.environ)
        return self._account

    @contextmanager
    def open_store(self, *, read_only: bool = True) -> Iterator["Store"]:
        """The store alone."""
        from kace_bridge.state import open_store

        with open_store(self.state_url(), read_only=read_only) as store:
            yield store

    def state_url(self) -> str:
        """Where state lives."""
        from kace_bridge.sync.account import state_url

        return state_url(self.state, self.config)

    def has_store(self) -> bool:
        """Whether this place has rules and a store that something was written to."""
        from pathlib import Path

        url = self.state_url()
        file = url.removeprefix("sqlite:///")
        return self.config.exists() and (file == url or Path(file).exists())

    def now(self, zone: "tzinfo") -> "datetime | None":
        """The moment of ``--at``; None where it is not given."""
        from kace_bridge.sync.account import parse_at

        return parse_at(self.at, str(zone))

    def say(self, text: str = "") -> None:
        """Print for a person; silent with -q."""
        if self.verbosity >= 0:
            click.echo(text)

    def _warn(self, problems: "Sequence[Problem]") -> None:
        if self.verbosity >= 0:
            for problem in problems:
                click.echo(f"kace-bridge: {problem}", err=True)


pass_app = click.make_pass_decorator(App, ensure=True)
