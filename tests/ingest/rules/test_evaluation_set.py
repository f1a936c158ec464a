"""The engine keeps its quality on the project's own invented mails."""

import json
from pathlib import Path
from typing import Any

from ingest.engine import ReadingContext
from ingest.reading import read_message
from ingest.rules.engine import RulesEngine

SET = Path(__file__).parents[2] / "evaluation_set"
AMOUNTS = ("amount", "current_limit", "expected_turnover", "overdue_amount")
Record = dict[str, Any]


def _records() -> list[tuple[Record, Record]]:
    engine = RulesEngine()
    out = []
    for line in (SET / "gold.jsonl").read_text(encoding="utf-8").splitlines():
        gold = json.loads(line)
        message = read_message((SET / "eml" / f"{gold['id']}.eml").read_bytes())
        out.append((gold, json.loads(engine.triage(message, ReadingContext()).model_dump_json())))
    return out


def _values(record: Record) -> dict[str, Any]:
    """All values of a record by path; requests are paired by the buyer's name."""
    flat: dict[str, Any] = {key: record[key] for key in ("policy_number", "policyholder_name", "needed_by")}
    flat |= {f"contact.{key}": value for key, value in record["contact"].items()}
    flat |= {f"document {one['filename']}": one["type"] for one in record["documents"]}
    for request in record["requests"]:
        for name, value in request.items():
            number = name in AMOUNTS and value is not None
            flat[f"{request['buyer_name']}.{name}"] = float(value) if number else value
    return {path: value for path, value in flat.items() if value is not None}


def test_quality_on_our_own_mails() -> None:
    """Intent, values found and values invented stay within their floors."""
    pairs = _records()
    right = given = found = invented = 0
    for gold, read in pairs:
        want, have = _values(gold), _values(read)
        right += sum(1 for path, value in want.items() if have.get(path) == value)
        given += len(want)
        found += len(have)
        invented += sum(1 for path in have if path not in want)
    intents = sum(1 for gold, read in pairs if gold["intent"] == read["intent"])
    assert intents / len(pairs) >= 0.97
    assert 2 * right / (given + found) >= 0.96
    assert invented / found <= 0.015
