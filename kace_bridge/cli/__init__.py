"""The command line: one file per command, each imported only when it is called."""


def main() -> None:
    """Run the program and exit with the code of design section 4 (see docs/commands.md)."""
    from kace_bridge.cli.program import program

    program()
