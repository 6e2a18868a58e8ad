"""The board (登记板): which lines are open in this process and which streams each follows. No database."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from governance.feed.notice import Move

_AT_ONCE = 100
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class End:
    """Why the hub ends a line: ``code`` for the program, ``reason`` for people, Chinese."""

    code: str
    reason: str


TOKEN = End("token", "终端令牌无效或终端已停用，请重新登记；未同步的数据仍保留在本机")
SCOPE = End("scope", "负责的网格有变动，请同步后重新连接")
EPOCH = End("epoch", "平台已从备份恢复，请同步后重新连接")
REPLACED = End("replaced", "同一终端另开了一条连接")
RESTART = End("restart", "平台正在重启，请稍后重新连接")


@dataclass(slots=True, eq=False)
class Line:
    """One open line of a device.

    Parameters
    ----------
    device : str
        Its id.
    streams : frozenset of str
        What it follows: its grids and the city.
    told : dict
        Stream to the last number that the tablet has, or was poked about.
    """

    device: str
    streams: frozenset[str]
    told: dict[str, int]
    waiting: dict[str, int] = field(default_factory=dict)
    spread: int = 0
    ended: End | None = None
    cut: bool = False
    stirred: asyncio.Event = field(default_factory=asyncio.Event)

    def poke(self, stream: str, seq: int, spread: int = 0) -> None:
        """Have the tablet told, unless it has been told as much before."""
        if seq > self.told.get(stream, -1):
            self.told[stream] = self.waiting[stream] = seq
            self.spread = max(self.spread, spread)
            self.stirred.set()

    def end(self, why: End) -> None:
        """Have the line ended; the first reason stands."""
        self.ended = self.ended or why
        self.stirred.set()

    def hung_up(self) -> None:
        """Note that the tablet has gone."""
        self.cut = True
        self.stirred.set()

    def take(self) -> tuple[dict[str, int], int]:
        """Give what waits to be told, and over how many seconds to spread the syncs; then nothing waits."""
        waiting, spread = self.waiting, self.spread
        self.waiting, self.spread = {}, 0
        self.stirred.clear()
        return waiting, spread


class Board:
    """All open lines; used from the event loop only."""

    def __init__(self) -> None:
        self._by_device: dict[str, Line] = {}
        self._by_stream: defaultdict[str, dict[str, Line]] = defaultdict(dict)
        self._tops: dict[str, int] = {}
        self._fresh: set[str] = set()
        self._epoch = ""

    def __len__(self) -> int:
        return len(self._by_device)

    def open(self, line: Line) -> None:
        """Take a line on; an older one of the same device ends."""
        before = self._by_device.get(line.device)
        if before is not None:
            before.end(REPLACED)
            self._remove(before)
        self._by_device[line.device] = line
        for stream in line.streams:
            self._by_stream[stream][line.device] = line
            # What committed after its numbers were read and before now.
            line.poke(stream, self._tops.get(stream, -1))
        self._fresh |= line.streams

    def close(self, line: Line) -> None:
        """Let a line go."""
        if self._by_device.get(line.device) is line:
            self._remove(line)

    def _remove(self, line: Line) -> None:
        del self._by_device[line.device]
        for stream in line.streams:
            followers = self._by_stream[stream]
            del followers[line.device]
            if not followers:
                del self._by_stream[stream]

    def moved(self, move: Move, by: str = "") -> None:
        """Poke all who follow a stream; the device that did it alone need not hear of it."""
        self._tops[move.grid] = move.seq
        followers = self._by_stream.get(move.grid)
        if not followers:
            return
        spread = min(_LONGEST, len(followers) // _AT_ONCE)
        for line in followers.values():
            if by and by == line.device and line.told.get(move.grid, -1) >= move.before:
                line.told[move.grid] = max(line.told[move.grid], move.seq)
            else:
                line.poke(move.grid, move.seq, spread)

    def stand(self, heads: Mapping[str, int]) -> None:
        """Take note of where streams stand, however they came there."""
        for stream, seq in heads.items():
            self.moved(Move(stream, -1, seq))

    def epoch_is(self, epoch: str) -> None:
        """Take note of the hub's epoch: with another one every number known so far is void."""
        if epoch != self._epoch:
            self._tops.clear()
            if self._epoch:
                self.end_all(EPOCH)
            self._epoch = epoch

    def streams(self) -> list[str]:
        """Give all streams that are followed."""
        return list(self._by_stream)

    def fresh(self) -> list[str]:
        """Give the streams of lines opened since the last call: each is looked at once more."""
        fresh, self._fresh = self._fresh, set()
        return [stream for stream in fresh if stream in self._by_stream]

    def devices(self) -> list[str]:
        """Give the devices with an open line."""
        return list(self._by_device)

    def check(self, devices: Iterable[str], serving: Mapping[str, frozenset[str]]) -> None:
        """End the lines of devices that are missing in ``serving``, or serve other streams than before."""
        for device in devices:
            line = self._by_device.get(device)
            if line is None:
                continue
            if device not in serving:
                line.end(TOKEN)
            elif serving[device] != line.streams:
                line.end(SCOPE)

    def call_all(self, stream: str) -> None:
        """Poke every line about a stream, wherever it stands: something beside its numbers has changed."""
        for line in self._by_device.values():
            line.waiting.setdefault(stream, line.told.get(stream, 0))
            line.spread = max(line.spread, min(_LONGEST, len(self) // _AT_ONCE))
            line.stirred.set()

    def end_all(self, why: End) -> None:
        """End every line, as before a restart."""
        for line in self._by_device.values():
            line.end(why)
