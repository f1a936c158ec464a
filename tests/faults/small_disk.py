"""A file system of a test's own that can be filled to the last page."""

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

PAGE = 8192  # bytes: what PostgreSQL takes at a time


@dataclass(frozen=True, slots=True)
class SmallDisk:
    """`path` is its root."""

    path: Path

    @property
    def free(self) -> int:
        """Bytes that are left."""
        return os.statvfs(self.path).f_bavail * os.statvfs(self.path).f_frsize

    @contextmanager
    def filled(self, pages: int) -> Iterator[None]:
        """Has room for so many pages only."""
        balloon = self.path / "balloon"
        with balloon.open("wb") as file:
            os.posix_fallocate(file.fileno(), 0, self.free - pages * PAGE)
        try:
            yield
        finally:
            balloon.unlink()


@contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """Mounts one; skips where that is not allowed."""
    path = Path(tempfile.mkdtemp(prefix="creditdesk-disk-"))
    mount = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "none", str(path)]
    try:
        mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        mounted = False
    if not mounted:
        path.rmdir()
        pytest.skip("no file system may be mounted here: run as root on Linux")
    try:
        yield SmallDisk(path)
    finally:
        subprocess.run(["umount", "--lazy", str(path)], check=True)
        path.rmdir()
