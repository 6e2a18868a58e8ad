"""Run measures and print one JSON line each: measure, ours, baseline, ratio, unit, runs.

Ours and the baseline take turns on the same machine and, where both need one, on the same
database server; figures are medians. Progress goes to standard error. The status is 1 if a measure
could not be taken.
"""

import argparse
import json
import sys
from collections.abc import Callable
from functools import partial
from subprocess import CalledProcessError

from tests.bench.figures import Figure, say
from tests.bench.first_load import first_load_vs_sql
from tests.bench.growth import push_growth
from tests.bench.idle import idle_vs_trivial_view
from tests.bench.memory import worker_memory
from tests.bench.poke import poke_latency_p95
from tests.bench.push import push_vs_kinto, push_vs_pouchdb
from tests.bench.rules import rules_measure
from tests.bench.tablet import tablet_open_5000
from tests.bench.thin import empty_sync_bytes, incremental_bytes

MEASURES: dict[str, Callable[[], list[Figure]]] = {
    "push_vs_kinto": push_vs_kinto,
    "push_vs_pouchdb": push_vs_pouchdb,
    "first_load_vs_sql": first_load_vs_sql,
    "tablet_open_5000": tablet_open_5000,
    "idle_vs_trivial_view": idle_vs_trivial_view,
    "incremental_bytes": incremental_bytes,
    "empty_sync_bytes": empty_sync_bytes,
    "push_growth": push_growth,
    "poke_latency_p95": poke_latency_p95,
    "worker_memory": worker_memory,
    "age_rules_vs_queries": partial(rules_measure, "age_rules_vs_queries"),
    "all_rules_vs_scan": partial(rules_measure, "all_rules_vs_scan"),
    "arrival_overhead": partial(rules_measure, "arrival_overhead"),
    "rules_memory": partial(rules_measure, "rules_memory"),
}


def main() -> int:
    """Run the named measures, or all."""
    parser = argparse.ArgumentParser(prog="make bench ARGS=…", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"要测的项目 · {', '.join(MEASURES)}")
    names = parser.parse_args().names or list(MEASURES)
    unknown = [name for name in names if name not in MEASURES]
    if unknown:
        parser.error(f"没有这一项 · no such measure: {', '.join(unknown)}")
    measured = [_measure(name) for name in names]
    return 0 if all(measured) else 1


def _measure(name: str) -> bool:
    """Print a measure's lines; one that cannot be taken (a peer that does not install) spares the others."""
    try:
        for figure in MEASURES[name]():
            sys.stdout.write(json.dumps(figure.as_json()) + "\n")
            sys.stdout.flush()
    except (RuntimeError, OSError, CalledProcessError) as error:
        say(f"{name}: 没有测成 · not measured: {error}")
        return False
    return True


if __name__ == "__main__":
    sys.exit(main())
