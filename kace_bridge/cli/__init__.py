"""The command line: one file per command, each imported only when it is called."""

_COLLECT_AFTER = 50_000
"""Objects made before unreachable ones are looked for; Python's own 700 is met every few modules
while a program is loaded, and none of what is loaded is ever thrown away."""


def main() -> None:
    """Run the program and exit with the code of design section 4 (see docs/commands.md)."""
    import gc

    gc.set_threshold(_COLLECT_AFTER)
    from kace_bridge.cli.program import program

    try:
        program()
    finally:
        gc.freeze()  # the process ends: looking through every module once more frees nothing
