"""Run proofs and print one JSON line each; ``make soak`` runs them at their full figures.

Several proofs run side by side, each in a process of its own. Progress goes to standard error.
The status is 1 if anything was lost, doubled, corrupt or stuck, or if a control was not caught.
"""

import argparse
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from tests.soak import proofs

SIDE_BY_SIDE = 2
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
        if len(options.names) == 1:
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


def _one(name: str, options: argparse.Namespace) -> int:
    found = proofs.proof(name)
    tried = options.tried or (found.FIRST if options.first else found.SOAK)
    say(f"{name}: {tried} cases from seed {options.seed}")
    line, good = proofs.proof_run(name, found, tried=tried, seed=options.seed, say=say)
    show(json.dumps(line))
    return 0 if good else 1


def _several(options: argparse.Namespace) -> int:
    """Run each proof as a process, two at a time; an interrupt reaches them all by itself."""
    extra = ["--seed", str(options.seed)]
    extra += ["--tried", str(options.tried)] if options.tried else []
    extra += ["--first"] if options.first else []
    with ThreadPoolExecutor(SIDE_BY_SIDE) as pool:
        try:
            statuses = list(pool.map(lambda name: _child(name, extra), options.names))
        except KeyboardInterrupt:
            pool.shutdown(cancel_futures=True)
            raise
    failed = [name for name, status in zip(options.names, statuses, strict=True) if status]
    say(f"failed: {', '.join(failed)}" if failed else "every proof holds")
    return 1 if failed else 0


def _child(name: str, extra: Sequence[str]) -> int:
    command = [sys.executable, "-m", "tests.soak", name, *extra]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=False)
    for line in done.stdout.splitlines():
        show(line)
    return done.returncode


if __name__ == "__main__":
    if os.environ.get("PYTHONHASHSEED") != "0":  # sets in the same order each time, or no seed replays
        os.execve(
            sys.executable,
            [sys.executable, "-m", "tests.soak", *sys.argv[1:]],
            {**os.environ, "PYTHONHASHSEED": "0"},
        )
    sys.exit(main())
