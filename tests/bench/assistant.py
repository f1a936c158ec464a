"""Our share of a model's answer: the whole answer less the time the endpoint takes: `python -m tests.bench.assistant`."""

import statistics
import tempfile
import time
from pathlib import Path

from bot.assistant.answer import Assistant
from cases.database import open_database
from config.desk import load_desk_rules
from tests.bot.agent_desk import MANAGER, talk
from tests.doubles.openai_server import Calls, Text
from tests.evaluation_chat.conftest import Desk
from tests.evaluation_chat.loading import load
from tests.evaluation_chat.world import write

ASKED = 40
LIMIT = 0.100  # seconds


def run() -> list[tuple[str, float]]:
    """Figures: median and p95 in seconds of answers with two turns of a model that answers at once, three tool calls."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        frame = write(folder)
        engine = open_database(f"sqlite:///{folder / 'desk.db'}")
        load(engine, folder)
        desk = Desk(Assistant(engine, load_desk_rules()), frame)
        case = frame[frame.is_open].iloc[0]
        calls = Calls(
            [
                ("case_status", {"reference": case.reference}),
                ("find_names", {"words": "Aurelia"}),
                ("find_cases", {"companies": [{"kind": "buyer", "name": case.buyer, "country": case.buyer_country}]}),
            ]
        )
        said = Text(f"{case.reference} on {case.buyer} has been there since {case.received_at[:10]}.")
        taken = []
        with talk(desk, [calls, said], calls_per_minute=1000) as one:
            for _ in range(ASKED + 1):
                one.server.script([calls, said])
                start = time.perf_counter()
                answer = one.ask(MANAGER, f"where is {case.reference}?")
                taken.append(time.perf_counter() - start)
                assert answer.engine == "llm"
        engine.dispose()
    counted = sorted(taken[1:])  # the first one imports
    return [
        (f"our share of a model's answer: median seconds (limit {LIMIT})", statistics.median(counted)),
        ("our share of a model's answer: p95 seconds", counted[int(len(counted) * 0.95) - 1]),
    ]


if __name__ == "__main__":
    for figure, value in run():
        print(f"{figure:<60} {value:.4f}")
