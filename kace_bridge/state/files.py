"""The store's files are private: made 0600 whatever the umask, refused when others can read."""

import os
import re
from pathlib import Path

from kace_bridge.errors import ConfigError

MOUNTS = Path("/proc/self/mountinfo")
"""Where Linux tells what is mounted; elsewhere nothing is known, and nothing refused."""
_NETWORK = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|ncpfs|afs|9p|drvfs|ceph|glusterfs|lustre|ocfs2|gfs2"
    r"|fuse\.(sshfs|s3fs|rclone|glusterfs|gcsfuse|davfs|ceph|curlftpfs)"
)
_SHARE = (
    "{path} is on a network share ({kind}), where SQLite cannot keep two programs apart; "
    "use a local disk, or PostgreSQL: --state postgresql://..."
)


def require_local(path: Path) -> None:
    """Raise ConfigError where *path* lies on a network share: locks are not kept there."""
    kind = "UNC" if path.absolute().drive.startswith("\\\\") else ""
    if not kind and MOUNTS.exists():
        kind = network_kind(MOUNTS.read_text("utf-8", "replace"), path.absolute())
    if kind:
        raise ConfigError([_SHARE.format(path=path, kind=kind)])


def network_kind(mounts: str, path: Path) -> str:
    """The file system of the share *path* is on, by the text of mountinfo; empty for a disk.

    Source: proc_pid_mountinfo(5). The longest mount point wins, of equals the latest.
    """
    best, found = -1, ""
    for line in mounts.splitlines():
        front, _, back = line.partition(" - ")
        point = Path(re.sub(r"\\(\d{3})", lambda m: chr(int(m[1], 8)), front.split(" ")[4]))
        if path.is_relative_to(point) and len(point.parts) >= best:
            best, found = len(point.parts), back.split(" ")[0]
    return found if _NETWORK.fullmatch(found) else ""


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
