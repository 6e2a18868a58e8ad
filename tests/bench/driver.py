"""Many clients at once, each on its own kept-alive connection: ``python -m tests.bench.driver PORT < plan``.

The plan is a pickle: for each client the list of its requests as raw bytes. The answer is one
JSON line: seconds from the first request to the last reply, and how many replies had which
status. The driver runs in a process of its own so that its work is not the servers'.
"""

import json
import pickle
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass
from typing import BinaryIO

Plan = list[list[bytes]]


@dataclass(frozen=True)
class Run:
    """What a run came to: replies by status."""

    seconds: float
    statuses: dict[str, int]


def drive(port: int, plan: Plan) -> Run:
    """Run a plan in a process of its own.

    Raises
    ------
    RuntimeError
        When a reply was no success.
    """
    command = [sys.executable, "-m", "tests.bench.driver", str(port)]
    done = subprocess.run(command, input=pickle.dumps(plan), capture_output=True, check=False)
    if done.returncode:
        raise RuntimeError(done.stderr.decode()[-2000:])
    run = Run(**json.loads(done.stdout))
    if any(not status.startswith("2") for status in run.statuses):
        raise RuntimeError(f"replies: {run.statuses}")
    return run


class Client:
    """One connection that sends its requests one after another."""

    def __init__(self, port: int, requests: list[bytes]) -> None:
        self._port = port
        self._requests = requests
        self.statuses: Counter[str] = Counter()

    def run(self, start: threading.Barrier) -> None:
        """Wait for the others, then send everything."""
        with socket.create_connection(("127.0.0.1", self._port)) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader = connection.makefile("rb", buffering=1 << 16)
            start.wait()
            for request in self._requests:
                connection.sendall(request)
                self._reply(reader)

    def _reply(self, reader: BinaryIO) -> None:
        status = reader.readline().split()[1].decode()
        length, chunked = 0, False
        while (line := reader.readline().strip().lower()) != b"":
            if line.startswith(b"content-length:"):
                length = int(line.split(b":")[1])
            chunked = chunked or (line.startswith(b"transfer-encoding:") and b"chunked" in line)
        if chunked:
            self._skip_chunks(reader)
        else:
            reader.read(length)
        self.statuses[status] += 1

    @staticmethod
    def _skip_chunks(reader: BinaryIO) -> None:
        while size := int(reader.readline(), 16):
            reader.read(size)
            reader.readline()
        reader.readline()


def exchange(port: int, raw: bytes) -> tuple[bytes, bytes]:
    """Send one request on a line of its own; give the reply's head and body as they came."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(raw)
        reader = connection.makefile("rb")
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = reader.readline()
            if not line:
                raise RuntimeError("the server closed the line")
            head += line
        lengths = [line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
        return head, reader.read(int(lengths[0].split(b":")[1]) if lengths else 0)


def main() -> int:
    """Read the plan, run it, print what it came to."""
    plan: Plan = pickle.load(sys.stdin.buffer)
    clients = [Client(int(sys.argv[1]), requests) for requests in plan]
    start = threading.Barrier(len(clients) + 1)
    threads = [threading.Thread(target=client.run, args=(start,)) for client in clients]
    for thread in threads:
        thread.start()
    start.wait()
    begun = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - begun
    statuses: Counter[str] = sum((client.statuses for client in clients), Counter())
    json.dump({"seconds": seconds, "statuses": statuses}, sys.stdout)
    return 0


def request(method: str, path: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Make one request as raw bytes."""
    lines = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode() + body


if __name__ == "__main__":
    sys.exit(main())
