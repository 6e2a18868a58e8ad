"""Kivy's clock for those who do not know Kivy (时钟)."""

from collections.abc import Callable

from kivy.clock import Clock


def on_main_thread(act: Callable[[], object]) -> Callable[[], object]:
    """Make a function that may be called from any thread and then runs once on the screen's thread."""
    return Clock.create_trigger(lambda _: act())


def repeat(act: Callable[[], object], seconds: float) -> Callable[[], object]:
    """Do it again and again; call what is given back to end it."""
    return Clock.schedule_interval(lambda _: act(), seconds).cancel
