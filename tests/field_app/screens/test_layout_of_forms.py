"""Which lines a form has and where they stand, without a window."""

import pytest

from field_app.work.layout import LAYOUT, ONLY, arrange
from governance.contract import KINDS


def names(kind, values=None, keep=()):
    known = KINDS[kind]
    return [name for _, name in arrange(known, values or {}, list(known.by_name), keep=keep)]


@pytest.mark.parametrize("kind", list(KINDS))
def test_no_line_is_lost_or_doubled_when_everything_is_filled_in(kind):
    whole = dict.fromkeys(KINDS[kind].by_name, "x")

    assert sorted(names(kind, whole)) == sorted(KINDS[kind].by_name)


def test_every_name_is_a_field():
    named = {(kind, name) for kind, parts in LAYOUT.items() for part in parts for name in part.names}
    named |= {(kind, name) for kind, only in ONLY.items() for name in only}

    assert {(kind, name) for kind, name in named if name not in KINDS[kind].by_name} == set()


@pytest.mark.parametrize(
    ("values", "there", "absent"),
    [
        ({"residence_kind": "2"}, "inflow_reason", "nationality"),
        ({"residence_kind": "4"}, "nationality", "registered_area"),
        ({"citizen_number": "x"}, "registered_area", "document_kind"),
        ({"citizen_number": "x", "residence_kind": "4"}, "document_kind", "away_reason"),
        ({"residence_kind": "1"}, "away_reason", "inflow_reason"),
    ],
)
def test_only_lines_that_apply_are_asked(values, there, absent):
    asked = names("person", values)

    assert there in asked
    assert absent not in asked


def test_a_line_that_does_not_apply_is_shown_when_it_holds_something_or_is_wrong():
    assert "permit_number" in names("person", {"residence_kind": "1", "permit_number": "42"})
    assert "permit_number" in names("person", {"residence_kind": "1"}, keep={"permit_number"})
    assert "tenant_name" not in names("room", {"rented": False})


def test_the_note_comes_last_and_its_part_has_a_heading():
    parts = list(arrange(KINDS["organisation"], {}, list(KINDS["organisation"].by_name)))

    assert parts[-1] == ("核实与备注", "note")
    assert parts[0] == ("基本信息", "category")
