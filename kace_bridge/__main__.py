"""``python -m kace_bridge``: the same program as the command ``kace-bridge``."""

from kace_bridge.cli import main

if __name__ == "__main__":
    main()
