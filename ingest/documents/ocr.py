"""Pictures and scanned pages, where Tesseract is installed; otherwise they are named as unread."""

import shutil
import subprocess
from functools import lru_cache

from ingest.charsets import visible
from ingest.gather import Reading

SECONDS = 20
LANGUAGES = ("eng", "deu", "fra", "spa", "ita", "pol", "nld", "ces")


@lru_cache(maxsize=1)
def tesseract() -> str | None:
    """Path of the program, if this machine has it."""
    return shutil.which("tesseract")


@lru_cache(maxsize=1)
def languages() -> str:
    """The installed languages among ours, as Tesseract wants them."""
    program = tesseract()
    if program is None:
        return ""
    listed = subprocess.run([program, "--list-langs"], capture_output=True, timeout=SECONDS, check=False)
    have = set((listed.stdout + listed.stderr).decode("utf-8", "replace").split())
    return "+".join(language for language in LANGUAGES if language in have) or "eng"


def recognise(picture: bytes) -> str | None:
    """Text of a picture file; None where there is no OCR or it fails."""
    program = tesseract()
    if program is None:
        return None
    try:
        done = subprocess.run(
            [program, "stdin", "stdout", "-l", languages(), "--psm", "4"],
            input=picture,
            capture_output=True,
            timeout=SECONDS,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError):
        return None
    return visible(done.stdout.decode("utf-8", "replace")).strip() if done.returncode == 0 else None


def read_picture(data: bytes) -> Reading:
    """A picture that came as a document."""
    text = recognise(data)
    if text is None:
        return Reading(reason="a picture; its text is read only where Tesseract is installed")
    return (
        Reading(text, notes=("text recognised from a picture: check the values",))
        if text
        else Reading(reason="a picture without text")
    )
