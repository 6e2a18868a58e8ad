"""The hub's log says where something failed, and quotes nobody's data."""

import logging
import sys

import pytest
from django.db import IntegrityError, OperationalError

from governance.config.log import Discreet

SAID = "Key (citizen_number)=(420502199001010010) already exists"


def logged(error: BaseException) -> str:
    record = logging.LogRecord("hub", logging.ERROR, __file__, 1, "it failed", None, None)
    try:
        raise error from ValueError(SAID)
    except BaseException:  # noqa: BLE001 - whatever is raised is formatted
        record.exc_info = sys.exc_info()
    return Discreet("{levelname} {message}", style="{").format(record)


@pytest.mark.parametrize("kind", [IntegrityError, ValueError, KeyError])
def test_a_message_that_may_quote_a_value_is_left_out(kind: type[Exception]) -> None:
    text = logged(kind(SAID))
    assert "4205021990" not in text
    assert kind.__name__ in text
    assert "test_log.py" in text
    assert text.startswith("ERROR it failed")


def test_what_the_database_itself_complains_of_is_told() -> None:
    assert "database is locked" in logged(OperationalError("database is locked"))
