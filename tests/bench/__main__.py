"""Runs every module of this folder that has `run()` and prints what it measured: `python -m tests.bench [name …]`.

`CREDITDESK_BENCH_SIZE=small` (the default) takes a minute or two, `full` goes to a million cases. Ratios compare two
ways in one run on one machine; plain times are CPU seconds of a machine that may be busy with other things.
"""

import importlib
import pkgutil
import sys
import traceback

import tests.bench
from tests.bench.measuring import FULL, processor


def main(wanted: list[str]) -> int:
    """The exit code: 1 where a module failed."""
    names = sorted(module.name for module in pkgutil.iter_modules(tests.bench.__path__))
    failed = 0
    print(f"size: {'full' if FULL else 'small'}; {processor()}")
    for name in names:
        if name == "__main__" or (wanted and name not in wanted):
            continue
        run = getattr(importlib.import_module(f"tests.bench.{name}"), "run", None)
        if run is None:
            continue
        print(f"\n{name}", flush=True)
        try:
            for what, value in run():
                shown = f"{value:.4f}" if isinstance(value, float) else str(value)
                print(f"  {what:<72} {shown:>16}", flush=True)
        except Exception:
            traceback.print_exc()
            failed = 1
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
