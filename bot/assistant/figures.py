"""Which figures a question asks for."""

from bot.assistant import lexicon
from bot.assistant.reading import Reading

OUTCOMES = ("approved", "fully_approved", "partially_approved", "declined", "withdrawn")
ALONE = {  # a count beside these counts the same
    "overdue_next_actions", "next_actions_due", "expiring_limits", "exposure", "workload", "ageing", "payment_terms",
}  # fmt: skip
SHAPES = ("average", "median", "p90", "max", "min")
COUNT_OF = {
    "approved": "approved",
    "fully_approved": "fully_approved",
    "partially_approved": "partially_approved",
    "declined": "declined",
    "withdrawn": "withdrawn",
    "decided": "decided",
    "open": "open",
    "received": "requests_received",
}
AMOUNT_OF = {
    "approved": "amount_approved",
    "fully_approved": "amount_approved",
    "partially_approved": "amount_approved",
    "declined": "amount_declined",
    "decided": "amount_approved",
    "open": "amount_open",
    "received": "amount_requested",
}


def read_figures(reading: Reading) -> None:
    """Fills metrics, states and what kind of figure is asked for."""
    question = reading.question
    exact = [
        name
        for name, pattern in lexicon.table("metrics", "exact")
        if (name != "next_actions_due" or _due_in_time(reading)) and question.take_all(pattern)
    ]
    reading.exact = exact
    reading.count = question.has(lexicon.pattern("metrics", "count"))
    shapes = [shape for shape in SHAPES if question.has(lexicon.pattern("metrics", shape))]
    reading.average = bool({"average", "median", "p90"} & set(shapes))
    reading.shapes = ["mean" if shape == "average" else shape for shape in shapes]
    reading.objects = question.has(lexicon.pattern("metrics", "objects"))
    reading.states = _states(reading)
    reading.amount = lexicon.pattern("metrics", "amount").search(question.left) is not None
    metrics: list[str] = []
    for name in exact:
        metrics += _exact(name, shapes, reading)
    if not metrics or (reading.count and not set(exact) <= ALONE):
        metrics += [name for name in _composed(reading, shapes) if name not in metrics]
    if not metrics and reading.order in ("slowest", "fastest") and reading.by:
        metrics = ["turnaround_mean"]
    reading.metrics = list(dict.fromkeys(metrics))


def _due_in_time(reading: Reading) -> bool:
    """Actions fall due in a period; without one, "due" is no figure of the register."""
    return bool(reading.periods) and not reading.question.has(lexicon.pattern("metrics", "exact", "expiring_limits"))


def _states(reading: Reading) -> list[str]:
    left = reading.question.left
    found: list[tuple[int, str]] = []
    for name, pattern in lexicon.table("metrics", "states"):
        match = pattern.search(left)
        if match:
            found.append((match.start(), name))
    states = [name for _, name in sorted(found)]
    special = [name for name in ("fully_approved", "partially_approved") if name in states]
    if "approved" in states and len(special) == 1:
        without = lexicon.pattern("metrics", "states", special[0]).sub(" ", left)
        listed = len(states) > 2 and lexicon.pattern("metrics", "states", "approved").search(without)
        if not listed:  # "partly approved"; but "approved, partial, declined" are three
            states.remove("approved")
    return states


def _exact(name: str, shapes: list[str], reading: Reading) -> list[str]:
    """The metric, or metrics, of an exact phrase in the shapes asked for (mean, median, …)."""
    if name == "turnaround":
        wanted = [
            f"turnaround_{ {'average': 'mean'}.get(shape, shape) }"
            for shape in shapes
            if shape in ("average", "median", "p90")
        ]
        single = not reading.by and reading.order not in ("slowest", "fastest")
        if not wanted and single and {"max", "min"} & set(shapes):
            wanted = ["turnaround_max" if "max" in shapes else "turnaround_min"]
        return wanted or ["turnaround_mean"]
    if name == "age":
        if "median" in shapes:
            return ["age_median"]
        return ["age_oldest"] if "max" in shapes and "average" not in shapes else ["age_mean"]
    if name == "payment_terms":
        if any(bound.field == "payment_terms" for bound in reading.bounds) or not (
            reading.average or {"max", "min"} & set(shapes)
        ):
            return []
        return ["payment_terms_max"] if "max" in shapes and not reading.average else ["payment_terms_mean"]
    if name == "workload" and reading.periods and not reading.by:
        return []  # who has how much in hand is a matter of now; a period asks for what came
    if name == "risk_grade":
        return ["risk_grade_mean"] if reading.average or reading.by else []
    return [name]


def _composed(reading: Reading, shapes: list[str]) -> list[str]:
    """Count or amount of a state: "how many declined", "total approved", "average requested amount"."""
    distinct = _distinct(reading)
    if distinct:
        return distinct
    states = [
        state for state in reading.states if state != "received" or len(reading.states) == 1 or _beside(reading)
    ] or ["received"]
    if reading.amount and not _counts_only(reading):
        amounts = _amounts(reading, states, shapes)
        if reading.count:
            return [*_counts(reading, states), *amounts]
        return amounts
    if "missing_document" in reading.by:
        return ["missing_documents"]
    if reading.states or reading.objects or reading.count or (reading.says("listing") and "status" in reading.where):
        if _missing(reading):
            return ["missing_documents"]
        return _counts(reading, states)
    return []


def _beside(reading: Reading) -> bool:
    """ "requested against approved", "received and decided": two figures, not one that narrows the other."""
    left = reading.question.left
    if reading.says("share") or len(reading.states) != 2:
        return False
    if len(lexicon.pattern("metrics", "count").findall(left)) > 1:
        return True
    if reading.says("of_received"):
        return False
    spans = [lexicon.pattern("metrics", "states", name).search(left) for name in reading.states]
    first, second = (span for span in spans if span is not None)
    between = left[first.end() : second.start()]
    return lexicon.pattern("intents", "beside").search(between) is not None


def _missing(reading: Reading) -> bool:
    return (
        reading.says("attributes", "missing")
        and "missing_document" not in reading.where
        and (reading.says("missing_only") and not reading.states)
    )


def _counts_only(reading: Reading) -> bool:
    """ "total number of", "total requests": a count, though "total" is there."""
    text = reading.question.left
    strong = lexicon.pattern("metrics", "amount_strong").search(text) is not None
    return not strong and (reading.count or lexicon.pattern("metrics", "total_objects").search(text) is not None)


def _amounts(reading: Reading, states: list[str], shapes: list[str]) -> list[str]:
    shape = next((s for s in shapes if s in ("average", "median", "max")), None)
    names = []
    for state in states:
        name = AMOUNT_OF.get(state)
        if name is None:
            continue
        if shape and name in ("amount_approved", "amount_requested") and not (reading.by and shape == "max"):
            name = f"{name}_{ {'average': 'mean'}.get(shape, shape) }"
        names.append(name)
    return list(dict.fromkeys(names))


def _counts(reading: Reading, states: list[str]) -> list[str]:
    if "received" in states and len(states) > 1:  # two figures side by side
        return [COUNT_OF[state] for state in states]
    outcomes = [state for state in states if state in OUTCOMES]
    if outcomes:
        return [COUNT_OF[state] for state in outcomes]
    if "open" in states:
        return ["open"]
    return [COUNT_OF[state] for state in states]


def _distinct(reading: Reading) -> list[str]:
    """ "how many different buyers": only right behind the count."""
    import re

    count = "|".join(lexicon.spaced(p) for p in lexicon.tree("metrics")["count"])
    for name, patterns in lexicon.tree("metrics")["distinct"].items():
        if re.search(
            rf"(?<!\w)(?:{count})\s+(?:of\s+|de\s+|d')?(?:{'|'.join(lexicon.spaced(p) for p in patterns)})(?!\w)",
            reading.question.plain,
        ):
            return [name]
    return []
