"""The command ``listen``: sync whenever the hub calls, one JSON line for each thing that happens."""

import queue
import sys
import time
from argparse import Namespace
from dataclasses import dataclass

from field_app.cli import output
from field_app.cli.device import unlock
from field_app.sync.errors import Answered, SyncError, Wiped
from field_app.sync.poke import Heard
from field_app.work.errors import Refused
from field_app.work.news import News, news_text
from field_app.work.session import Session


@dataclass(frozen=True, slots=True)
class _Until:
    """When to stop: at a moment of the monotonic clock, or after the first sync that was called for."""

    end: float
    once: bool


def listen_run(session: Session, arguments: Namespace) -> int:
    """Listen until the time is over, the first sync is done (``--once``), or Ctrl-C."""
    unlock(session, arguments)
    heard: queue.SimpleQueue[Heard] = queue.SimpleQueue()
    listener = session.listener(heard.put)
    if listener is None:
        raise Refused.because("hub", "state", "到平台的连接不支持唤醒")
    news = News(session)
    news.begin()
    seconds = float("inf") if arguments.seconds is None else arguments.seconds
    listener.start()
    try:
        _serve(session, heard, news, _Until(time.monotonic() + seconds, arguments.once), arguments.every)
    finally:
        listener.stop()
    return 0


def _serve(
    session: Session, heard: "queue.SimpleQueue[Heard]", news: News, until: _Until, every: float
) -> None:
    due = time.monotonic() + every
    while (left := until.end - time.monotonic()) > 0:
        try:
            told = heard.get(timeout=min(left, max(0.0, due - time.monotonic())))
        except queue.Empty:
            if time.monotonic() >= due:
                due = time.monotonic() + every
                _sync(session, news)
            continue
        _print(_event_json(told))
        if told.asks:
            while not heard.empty():  # what was told meanwhile is in the same sync
                _print(_event_json(heard.get()))
            due = time.monotonic() + every
            if _sync(session, news) and until.once:
                return


def _sync(session: Session, news: News) -> bool:
    """Sync and print what came of it; a hub that refuses the tablet ends the command."""
    try:
        report = session.sync()
    except (Answered, Wiped):
        raise
    except SyncError as error:
        _print({"event": "off", "reason": str(error)})
        return False
    new = news.fresh()
    _print(
        {"event": "sync", "pushed": dict(report.pushed), "pulled": report.pulled}
        | {"refused": len(report.refused), "contested": len(report.contested), "new_tasks": new}
    )
    if new:
        output.say(news_text(new))
    return True


def _event_json(heard: Heard) -> dict[str, object]:
    parts: dict[str, object] = {"event": heard.event}
    if heard.event == "poke":
        parts["streams"] = dict(heard.streams)
    if heard.code:
        parts["code"] = heard.code
    if heard.reason:
        parts["reason"] = heard.reason
    return parts


def _print(value: dict[str, object]) -> None:
    output.document(value)
    sys.stdout.flush()
