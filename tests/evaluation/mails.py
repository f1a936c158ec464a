"""Measures the rules engine on sets of e-mails with known right output."""

import json
from collections import defaultdict
from pathlib import Path

from config.desk import Checks
from ingest.engine import ReadingContext
from ingest.reading import read_message
from ingest.rules.engine import RulesEngine
from ingest.trust import KEY_FIELDS
from tests.evaluation.scoring import REQUEST, Record, Score, pairs

OWN = Path(__file__).parent.parent / "evaluation_set"
UNASKED = Checks().trust_unasked
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
    bins: dict[tuple[str, str], list[int]] = defaultdict(lambda: [0, 0])
    passing = [0, 0, 0]  # requests, those whose every key value passes unasked, those of them all right
    for record in gold:
        got = predicted.get(record["id"], {})
        trust: dict[str, float] = {}
        for one in got.get("evidence", []):
            trust[one["path"]] = min(trust.get(one["path"], 1.0), one["trust"] or 0.0)
        places = {id(request): at for at, request in enumerate(got.get("requests", []))}
        for wanted, request in pairs(record["requests"], got.get("requests", []), "buyer_name"):
            if not request:
                continue
            judged = []
            for field, same in REQUEST.items():
                value, path = request.get(field), f"requests[{places[id(request)]}].{field}"
                if value is None or path not in trust:
                    continue
                right = wanted.get(field) is not None and same(wanted[field], value)
                group = "key" if field in KEY_FIELDS else "other"
                count = bins[group, f"{trust[path]:.3f}"]
                count[0], count[1] = count[0] + right, count[1] + 1
                if group == "key":
                    judged.append((trust[path] >= UNASKED, right))
            passes = len(judged) == len(KEY_FIELDS) and all(trusted for trusted, _ in judged)
            passing[0] += 1
            passing[1] += passes
            passing[2] += passes and all(right for _, right in judged)
    for group in ("key", "other"):
        shares = (f"{k} {a}/{n}={a / n:.3f}" for (g, k), (a, n) in sorted(bins.items()) if g == group)
        print(f"  trust → share right, {group} fields: " + ", ".join(shares))
    print(f"  of {passing[0]} requests {passing[1]} pass unasked by their words alone, {passing[2]} of them all right")
