"""The store's files are private: made 0600 whatever the umask, refused when others can read."""

import os
from pathlib import Path

from kace_bridge.errors import ConfigError


def claim_private_file(path: Path) -> None:
    """*path* exists and only its owner can read it; made empty if it is missing.

    Raises ConfigError naming the cure.
    """
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except FileExistsError:
        require_private(path)
    except OSError as error:
        raise ConfigError([f"cannot create {path}: {error.strerror}; {_cure(path)}"]) from error


def require_private(path: Path) -> None:
    """Raise ConfigError unless *path* is a plain file that nobody but its owner can read."""
    if not path.is_file():
        raise ConfigError([f"{path} is not a file; name a file with --state"])
    mode = path.stat().st_mode & 0o777
    if os.name == "posix" and mode & 0o077:
        raise ConfigError([f"{path} can be read by others (mode {mode:04o}); chmod 600 {path}"])


def _cure(path: Path) -> str:
    if not path.parent.is_dir():
        return f"make the folder first: mkdir -p {path.parent}"
    return "run as the user who owns the folder, or name another place with --state"
