"""What is costly to prepare, kept beside the installed packages: compiled patterns, and the language model unpacked.

A reading process that finds them is ready in a third of the time. Only who may install packages can write there, as
with compiled modules; where the folder cannot be written, or Python has no environment of its own, all is made anew.
"""

import hashlib
import os
import pickle
import shutil
import sys
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import regex

LARGEST = 4_000_000  # bytes of kept patterns, after which no more are kept
_ARRAYS = ("ptc", "pc", "nextmove", "row", "output")

Known = dict[tuple[str, int], "regex.Pattern[str]"]


def folder() -> Path | None:
    """Where prepared things lie; None outside an environment of our own."""
    return None if sys.prefix == sys.base_prefix else Path(sys.prefix) / "var" / "creditdesk"


def _patterns_file() -> Path | None:
    home = folder()
    return home and home / f"patterns-{regex.__version__}-{sys.implementation.cache_tag}.pickle"


@cache
def patterns() -> Known:
    """The patterns kept so far, by their text and flags."""
    found: Known = {}
    file = _patterns_file()
    if file is None or not file.is_file():
        return found
    try:
        with file.open("rb") as stream:
            while True:
                written, flags, pattern = pickle.load(stream)
                found[written, flags] = pattern
    except EOFError:
        return found
    except Exception:  # a torn or foreign file: whatever it raises, the patterns are made anew
        with suppress(OSError):
            file.unlink()
        return {}


def keep_pattern(written: str, flags: int, pattern: "regex.Pattern[str]") -> None:
    """Appends a pattern for the processes to come, in one write, so that several may do it at once."""
    file = _patterns_file()
    if file is None:
        return
    with suppress(OSError):  # cannot be written: as without
        file.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
        try:
            if os.fstat(handle).st_size < LARGEST:
                os.write(handle, pickle.dumps((written, flags, pattern)))
        finally:
            os.close(handle)


class LanguageModel:
    """The parts of py3langid's model for some languages, from which identifiers are made."""

    def __init__(self, languages: Sequence[str]) -> None:
        from py3langid import langid

        packed = langid.MODEL_DIR / langid.MODEL_FILE
        state = packed.stat()
        key = hashlib.sha256(f"{state.st_size} {state.st_mtime_ns} {languages}".encode()).hexdigest()[:16]
        home = folder()
        place = home and home / f"languages-{key}"
        if place is None or not place.is_dir():
            self._parts, self.classes = _unpack(languages)
            if place is not None:
                with suppress(OSError):  # cannot be written, or another process was first
                    _write(place, self._parts, self.classes)
            return
        import numpy

        self._parts = {name: numpy.load(place / f"{name}.npy", mmap_mode="r") for name in _ARRAYS}
        self.classes = (place / "classes.txt").read_text(encoding="ascii").split()

    def identifier(self, languages: Sequence[str]) -> Any:
        """An identifier that chooses among these languages."""
        from py3langid.langid import LanguageIdentifier

        part = self._parts
        made = LanguageIdentifier(
            part["ptc"],
            part["pc"],
            self.classes,
            memoryview(part["nextmove"]),
            part["output"].tolist(),
            norm_probs=True,
            tk_row=part["row"].tolist(),
        )
        made.set_languages([code for code in languages if code in self.classes])
        return made


def _unpack(languages: Sequence[str]) -> tuple[dict[str, Any], list[str]]:
    import numpy
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    whole = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    whole.set_languages([code for code in languages if code in whole.nb_classes])
    parts = {
        "ptc": numpy.ascontiguousarray(whole.nb_ptc),
        "pc": numpy.ascontiguousarray(whole.nb_pc),
        "nextmove": numpy.asarray(whole.tk_nextmove),
        "row": numpy.asarray(whole.tk_row),
        "output": numpy.asarray(whole.tk_output, dtype=numpy.int32),
    }
    return parts, list(whole.nb_classes)


def _write(place: Path, parts: dict[str, Any], classes: list[str]) -> None:
    """The whole folder appears at once."""
    import numpy

    place.parent.mkdir(parents=True, exist_ok=True)
    making = Path(tempfile.mkdtemp(prefix="making-", dir=place.parent))
    try:
        for name, array in parts.items():
            numpy.save(making / f"{name}.npy", array)
        (making / "classes.txt").write_text(" ".join(classes), encoding="ascii")
        making.chmod(0o755)
        making.rename(place)
    finally:
        shutil.rmtree(making, ignore_errors=True)
