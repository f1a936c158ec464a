"""Measures the rules engine on sets of e-mails with known right output."""

import json
from collections import defaultdict
from pathlib import Path

from ingest.engine import ReadingContext
from ingest.reading import read_message
from ingest.rules.engine import RulesEngine
from tests.evaluation.scoring import REQUEST, Record, Score

OWN = Path(__file__).parent.parent / "evaluation_set"
BESIDE = Path(__file__).parents[3] / "shared" / "eval" / "mail"  # an evaluation folder beside the project


def sets() -> dict[str, Path]:
    """The sets at hand: the project's own, and one beside the project where there is one."""
    return {name: folder for name, folder in (("own", OWN), ("beside", BESIDE)) if (folder / "gold.jsonl").exists()}


def gold_of(folder: Path) -> list[Record]:
    """The right records of a set."""
    return [json.loads(line) for line in (folder / "gold.jsonl").read_text(encoding="utf-8").splitlines() if line]


def predictions(folder: Path) -> dict[str, Record]:
    """What the rules engine says of each mail, by id."""
    engine, found = RulesEngine(), {}
    for file in sorted((folder / "eml").glob("*.eml")):
        triage = engine.triage(read_message(file.read_bytes()), ReadingContext())
        found[file.stem] = json.loads(triage.model_dump_json())
    return found


def report(name: str, folder: Path) -> None:
    """Prints the figures of one set."""
    gold, predicted = gold_of(folder), predictions(folder)
    total, languages = Score(), defaultdict[str, Score](Score)
    for record in gold:
        for score in (total, languages[record["language"] or "-"]):
            score.add(record, predicted.get(record["id"], {}))
    print(f"\ne-mails, set {name!r}: {total.messages} mails, rules engine")
    print("  " + "  ".join(f"{k} {v:.3f}" for k, v in total.metrics().items()))
    english, others = languages.pop("en", Score()), Score()
    for record in gold:
        if record["language"] != "en":
            others.add(record, predicted.get(record["id"], {}))
    print(f"  request F1: English {english.f1(list(REQUEST)):.3f}, other languages {others.f1(list(REQUEST)):.3f}")
    print(f"  {'field':<28}{'F1':>7}{'right':>7}{'wrong':>7}{'inv.':>7}{'missed':>7}")
    for field, count in total.values.items():
        figures = "".join(f"{count[kind]:>7}" for kind in ("right", "wrong", "invented", "missed"))
        print(f"  {field:<28}{total.f1([field]):>7.3f}{figures}")
    _calibration(gold, predicted)


def _calibration(gold: list[Record], predicted: dict[str, Record]) -> None:
    """How often values of each trust are right: what passes unasked must be right in 99 of 100."""
    bins: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for record in gold:
        got = predicted.get(record["id"], {})
        for evidence in got.get("evidence", []):
            if evidence.get("trust") is None or "." not in evidence["path"] or "[" not in evidence["path"]:
                continue
            if not evidence["path"].startswith("requests"):
                continue
            index, field = int(evidence["path"].split("[")[1].split("]")[0]), evidence["path"].split(".")[1]
            wanted = {json.dumps(request.get(field)) for request in record["requests"]}
            value = got["requests"][index].get(field)
            shown = float(value) if field in ("amount", "current_limit") and value is not None else value
            right = any(json.loads(w) == shown or str(json.loads(w)) == str(shown) for w in wanted)
            level = f"{evidence['trust']:.2f}"
            bins[level][0] += right
            bins[level][1] += 1
    print("  trust → share right: " + ", ".join(f"{k} {a}/{n}={a / n:.3f}" for k, (a, n) in sorted(bins.items())))
