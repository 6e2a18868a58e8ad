"""How the last sync ended (上次同步): what stopped it, and how long to leave the hub alone."""

from collections.abc import Mapping

from field_app.store.clock import META as CLOCK
from field_app.store.clock import text_of
from field_app.store.store import Store
from field_app.store.unit import Unit
from field_app.sync.errors import Lost, Retired, Revoked, SyncError, Throttled, TooOld

LAST, TROUBLE, WAIT = "last_sync", "trouble", "wait"
"""Under which the store keeps the last success, what stopped the last sync, and until when to wait."""

_CLOCK_STEP = 2.0
_LONGEST_WAIT = 3600.0
_LASTING: dict[type[SyncError], str] = {
    TooOld: "too_old",
    Revoked: "revoked",
    Retired: "retired",
    Lost: "lost",
}


def ended(*, store: Store) -> None:
    """Note that a sync came to its end."""
    with store.write() as unit:
        unit.put_meta(LAST, text_of(store.clock.now()))
        unit.put_meta(CLOCK, store.clock.kept())
        for key in (TROUBLE, WAIT):
            if unit.meta(key) is not None:
                unit.put_meta(key, None)


def stopped(*, store: Store, error: SyncError) -> None:
    """Note why a sync stopped, unless the same is noted already."""
    trouble = {"code": _LASTING.get(type(error), ""), "reason": str(error)}
    with store.write() as unit:
        if unit.meta(TROUBLE) != trouble:
            unit.put_meta(TROUBLE, trouble)
        _keep_clock(store, unit)
        if error.wait > 0:
            wait = min(error.wait, _LONGEST_WAIT)
            unit.put_meta(WAIT, {"from": store.clock.uptime(), "seconds": wait})


def trouble_code(store: Store) -> str:
    """Name what stopped the last sync for good; empty for what passes by itself."""
    kept = store.memory.meta.get(TROUBLE)
    return str(kept["code"]) if isinstance(kept, dict) else ""


def wait_left(store: Store) -> float:
    """Give the seconds for which the hub asked to be left alone and that have not passed."""
    kept = store.memory.meta.get(WAIT)
    if not isinstance(kept, dict):
        return 0.0
    passed = store.clock.uptime() - float(kept["from"])
    return max(0.0, float(kept["seconds"]) - passed) if passed >= 0 else 0.0


def wait_check(store: Store) -> None:
    """Leave the hub alone as long as it asked. Raises Throttled, with what it said."""
    left = wait_left(store)
    if left > 0:
        trouble = store.memory.meta.get(TROUBLE)
        said = trouble["reason"] if isinstance(trouble, dict) else "平台忙；数据仍在本机"
        raise Throttled(f"{said}（请等{left:.0f}秒）", left)


def _keep_clock(store: Store, unit: Unit) -> None:
    """Keep the hub's time where it is news: a clock was set, the hub's too, or the hub was heard first."""
    now, known = store.clock.kept(), unit.meta(CLOCK)
    if now is None or now == known:
        return
    if isinstance(known, dict) and now["boot"] == known["boot"]:
        ahead = (_ahead(now, clock) - _ahead(known, clock) for clock in ("wall", "uptime"))
        if all(abs(moved) < _CLOCK_STEP for moved in ahead):
            return
    unit.put_meta(CLOCK, now)


def _ahead(mark: Mapping[str, object], clock: str) -> float:
    """Give the seconds by which one of the device's clocks was ahead of the hub's."""
    return float(str(mark[clock])) - float(str(mark["hub"]))
