"""Whether an answer holds what is expected: numbers in text or data, labels beside their numbers, references."""

import re
from typing import Any

from bot.assistant.answer import Answer

REFERENCE = re.compile(r"\b(?:CR|EN)-\d{4}-\d{6}\b")


def close(wanted: float, found: float) -> bool:
    """Counts exactly, all else within 0.5 %."""
    if float(wanted).is_integer() and abs(wanted) < 1000:
        return abs(wanted - found) < 1e-6
    return abs(wanted - found) <= 0.005 * abs(wanted) + 0.006


def numbers(text: str) -> list[float]:
    """Figures of a text, thousands commas dropped."""
    return [float(piece.replace(",", "")) for piece in re.findall(r"(?<![\w-])\d[\d,]*(?:\.\d+)?(?![\w-])", text)]


def lacks(answer: Answer, gold: Any) -> str | None:
    """What is missing; None where the answer holds the gold."""
    if isinstance(gold, list):
        found = set(REFERENCE.findall(answer.answer)) | {str(row[0]) for row in answer.data["rows"] if row}
        named = {one for one in found if REFERENCE.fullmatch(one)}
        return None if named == set(gold) else f"references {sorted(named)} instead of {sorted(gold)}"
    if isinstance(gold, dict):
        wrong = [f"{label}: {value}" for label, value in gold.items() if not _beside(answer, str(label), float(value))]
        return "; ".join(wrong) or None
    cells = [float(v) for row in answer.data["rows"] for v in row if isinstance(v, int | float)]
    every = cells + [cell * 100 for cell in cells] + numbers(answer.answer)
    return None if any(close(float(gold), one) for one in every) else f"{gold} is not in {sorted(set(every))[:20]}"


def _beside(answer: Answer, label: str, value: float) -> bool:
    for row in answer.data["rows"]:
        if any(str(cell) == label for cell in row):
            cells = [float(v) for v in row if isinstance(v, int | float)]
            if any(close(value, cell) or close(value, cell * 100) for cell in cells):
                return True
    lines = [line for line in answer.answer.split("\n") if label.replace("_", " ") in line]
    return any(close(value, one) for line in lines for one in numbers(line))
