"""Scanned pages and pictures of pages, where Tesseract is installed; otherwise they are named as unread."""

import io
import os
import shutil
import subprocess
import time
from contextvars import ContextVar
from functools import lru_cache

from ingest.charsets import visible
from ingest.gather import Reading

SECONDS_A_MESSAGE = 7.0  # recognising costs about a second a page; the rest of a message must still be read
LANGUAGES = ("eng", "deu", "fra", "spa", "ita", "pol", "nld", "ces")
PAGE_PIXELS = 900  # a picture of a page has at least so many pixels on its short side
MOST_PIXELS = 40_000_000
NOT_HERE = "its text is read only where Tesseract is installed"

_spent: ContextVar[float] = ContextVar("seconds spent on recognising in this message", default=0.0)


def new_message() -> None:
    """A new message may use all the seconds again."""
    _spent.set(0.0)


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
    listed = subprocess.run([program, "--list-langs"], capture_output=True, timeout=20, check=False)
    have = set((listed.stdout + listed.stderr).decode("utf-8", "replace").split())
    return "+".join(language for language in LANGUAGES if language in have) or "eng"


def recognise(picture: bytes) -> str | None:
    """Text of a picture file; None where there is no OCR, it fails, or the message has used up its seconds."""
    program = tesseract()
    left = SECONDS_A_MESSAGE - _spent.get()
    if program is None or left < 0.5:
        return None
    started = time.monotonic()
    try:
        done = subprocess.run(
            [program, "stdin", "stdout", "-l", languages(), "--psm", "4"],
            input=picture,
            capture_output=True,
            timeout=left,
            check=False,
            env={**os.environ, "OMP_THREAD_LIMIT": "1"},
        )
    except (subprocess.TimeoutExpired, OSError):
        return None
    finally:
        _spent.set(_spent.get() + time.monotonic() - started)
    return visible(done.stdout.decode("utf-8", "replace")).strip() if done.returncode == 0 else None


def read_picture(data: bytes) -> Reading:
    """A picture that came as a file: read if it shows a page, named otherwise."""
    if tesseract() is None:
        return Reading(reason=f"a picture; {NOT_HERE}")
    page = _page(data)
    if page is None:
        return Reading(reason="a picture, no page of text")
    text = recognise(page)
    if text is None:
        return Reading(reason="a picture whose text could not be recognised in the time allowed")
    note = ("text recognised from a picture: check the values",)
    return Reading(text, notes=note) if text else Reading(reason="a picture without text")


def _page(data: bytes) -> bytes | None:
    """The picture in grey and at most 2,500 pixels high, if it has the size and shape of a page."""
    from PIL import Image

    with Image.open(io.BytesIO(data)) as picture:
        width, height = picture.size
        if min(width, height) < PAGE_PIXELS or width > height * 0.95 or width * height > MOST_PIXELS:
            return None
        grey = picture.convert("L")
        if height > 2500:
            grey = grey.resize((width * 2500 // height, 2500))
        out = io.BytesIO()
        grey.save(out, "PNG", compress_level=1)
        return out.getvalue()
