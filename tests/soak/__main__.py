"""Run proofs and print one JSON line each; ``make soak`` runs them at their full figures.

Three processes work side by side, on the parts that a proof is divided into. Progress goes to standard error.
``make soak`` that was cut goes on where it stopped (``--anew`` forgets what was done).
The status is 1 if anything was lost, doubled, corrupt or stuck, or if a control was not caught.
"""

import argparse
import json
import os
import signal
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict

from tests.soak import proofs
from tests.soak.parts import Ledger, parts_of, proof_in_parts

SIDE_BY_SIDE = 3
"""Processes at once: one more than most machines have processors, as some proofs wait for others to start."""
STOPPED = 128 + signal.SIGINT


def say(text: str) -> None:
    """Tell of progress without touching the JSON lines."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def show(line: str) -> None:
    """Print a result at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the named proofs, or all."""
    options = _options(arguments)
    try:
        if len(options.names) == 1 and _is_whole(options.names[0], options):
            return _one(options.names[0], options)
        return _several(options)
    except KeyboardInterrupt:
        return STOPPED


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make soak ARGS=…", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"要跑的验证 · {', '.join(proofs.NAMES)}")
    parser.add_argument("--tried", type=_at_least_one, metavar="N", help="试多少例 · how many cases")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="从哪个种子起 · first seed")
    parser.add_argument("--first", action="store_true", help="make test 的数量 · the figures of make test")
    parser.add_argument(
        "--anew", action="store_true", help="不接着上次的 · do not go on with a run that was cut"
    )
    parser.add_argument("--whole", action="store_true", help="不分段 · in this process, not in parts")
    options = parser.parse_args(arguments)
    if unknown := [name for name in options.names if name not in proofs.NAMES]:
        parser.error(f"没有这一项 · no such proof: {', '.join(unknown)}")
    options.names = list(dict.fromkeys(options.names)) or list(proofs.NAMES)
    return options


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


def _tried(name: str, options: argparse.Namespace) -> int:
    figures = proofs.NAMES[name]
    return int(options.tried or (figures.first if options.first else figures.soak))


def _is_whole(name: str, options: argparse.Namespace) -> bool:
    return bool(options.whole) or _tried(name, options) <= proofs.NAMES[name].part


def _one(name: str, options: argparse.Namespace) -> int:
    """Run a proof in this process."""
    tried = _tried(name, options)
    say(f"{name}: {tried} cases from seed {options.seed}")
    found = proofs.proof(name)
    line, good = proofs.proof_run(name, found, tried=tried, seed=options.seed, say=say)
    show(json.dumps(line))
    return 0 if good else 1


def _several(options: argparse.Namespace) -> int:
    """Run each proof in parts, some at a time; an interrupt reaches them all by itself."""
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool, ThreadPoolExecutor(len(options.names)) as proofs_pool:
        try:
            good = list(proofs_pool.map(lambda name: _in_parts(name, options, pool), options.names))
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True, wait=False)
            proofs_pool.shutdown(cancel_futures=True, wait=False)
            raise
    failed = [name for name, held in zip(options.names, good, strict=True) if not held]
    say(f"failed: {', '.join(failed)}" if failed else "every proof holds")
    return 1 if failed else 0


def _in_parts(name: str, options: argparse.Namespace, pool: ThreadPoolExecutor) -> bool:
    """Run a proof in parts and print its line; says whether it holds."""
    begun = time.monotonic()
    tried = _tried(name, options)
    parts = parts_of(name, tried, options.seed, proofs.NAMES[name].part)
    ledger = Ledger(name, tried, options.seed, kept=len(parts) > 1 and not options.first)
    if options.anew:
        ledger.close()
        ledger = Ledger(name, tried, options.seed, kept=len(parts) > 1 and not options.first)
    tally = proof_in_parts(parts, ledger, pool, lambda text: say(f"{name}: {text}"))
    if tally is None:
        return False
    seconds = round(max(time.monotonic() - begun, ledger.whole()[1] / SIDE_BY_SIDE), 1)
    show(json.dumps({"test": name, **asdict(tally), "seconds": seconds}))
    ledger.close()
    return tally.good


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # sets in the same order each time, or no seed replays
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tests.soak", *sys.argv[1:]],
            {**os.environ, "PYTHONHASHSEED": "0"},
        )
    sys.exit(main())
