"""One definition of a field: tables, wire forms and the department catalogue follow the contract."""

import json

import pytest
from django.db import connection, models

from governance.access.actor import Actor
from governance.contract import KINDS, Field, Kind, Type
from governance.publish.catalogue import items_of
from governance.records.models import kept_kinds, model_of
from governance.records.models.base import Record
from governance.records.rows import record_sql, rows_read
from tests import factories

STORED = {
    Type.TEXT: (models.CharField, models.TextField),
    Type.CODE: (models.CharField,),
    Type.CODES: (models.JSONField,),
    Type.DATE: (models.DateField,),
    Type.MOMENT: (models.DateTimeField,),
    Type.INTEGER: (models.BigIntegerField,),
    Type.NUMBER: (models.FloatField,),
    Type.FLAG: (models.BooleanField,),
    Type.REF: (models.ForeignKey,),
    Type.CITIZEN: (models.CharField,),
    Type.CREDIT: (models.CharField,),
    Type.PHONE: (models.CharField,),
    Type.AREA: (models.CharField,),
    Type.LON: (models.FloatField,),
    Type.LAT: (models.FloatField,),
    Type.FILES: (models.JSONField,),
}
OWN = {field.name for field in Record._meta.get_fields()}
KEPT = [(kind, item) for kind in KINDS.values() for item in kind.fields if item.type is not Type.GRID]


def test_every_kind_of_the_contract_has_a_table() -> None:
    assert kept_kinds() == list(KINDS)


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_a_table_has_the_contracts_columns_and_its_own_and_no_other(kind: Kind) -> None:
    columns = {field.name for field in model_of(kind.name)._meta.concrete_fields}
    assert columns - OWN == {item.name for item in kind.fields if item.type is not Type.GRID}
    assert columns >= OWN


@pytest.mark.parametrize(("kind", "item"), KEPT, ids=lambda part: part.name)
def test_a_column_stores_what_its_field_says(kind: Kind, item: Field) -> None:
    field = model_of(kind.name)._meta.get_field(item.name)
    assert isinstance(field, STORED[item.type])
    assert field.column == item.name
    assert field.verbose_name == item.label
    if isinstance(field, models.CharField) and item.length:
        assert field.max_length == item.length
    if item.type is Type.REF:
        assert field.related_model is model_of(item.target or "")


@pytest.mark.django_db
@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_the_databases_json_names_every_field(kind: str) -> None:
    """An all-empty row gives an empty object; the expression holds every field by name."""
    sql = record_sql(kind, connection.vendor)
    for item in KINDS[kind].fields:
        assert item.type is Type.GRID or f"{item.name}" in sql
    with connection.cursor() as cursor:
        table = model_of(kind)._meta.db_table
        nulls = ", ".join(f'NULL AS "{field.column}"' for field in model_of(kind)._meta.concrete_fields)
        if connection.vendor == "sqlite":
            cursor.execute(f"SELECT {sql} FROM (SELECT {nulls}) t")
            assert json.loads(cursor.fetchone()[0]) == {}
        else:
            cursor.execute(f'SELECT {sql} FROM (SELECT NULL::"{table}" AS n) x, LATERAL (SELECT (x.n).*) t')
            assert json.loads(cursor.fetchone()[0]) == {}


def test_what_was_sent_is_what_is_read(worker: Actor, home: dict[str, str]) -> None:
    """A value of every stored type comes back in the form it was sent in."""
    person = factories.person(worker, home["household"], birth_date="1980-05-06", sex="1")
    event = factories.change(
        "event",
        category=next(iter(factories.codes_of("event_category"))),
        description='路灯“不亮”\n第二行 "急" C:\\n 😀',
        occurred_at="2026-11-22T08:30:00+08:00",
        lon=111.285,
        lat=30.695,
    )
    assert factories.apply(worker, event)[0].status == "created"
    held = rows_read("event", [str(event.id)])[str(event.id)].values
    assert held["occurred_at"] == "2026-11-22T00:30:00Z"
    assert (held["lon"], held["lat"]) == (111.285, 30.695)
    assert held["description"] == '路灯“不亮”\n第二行 "急" C:\\n 😀'
    assert rows_read("person", [person])[person].values["birth_date"] == "1980-05-06"


@pytest.mark.parametrize("kind", ["person", "building", "organisation"])
def test_the_catalogue_offers_the_contracts_items(kind: str) -> None:
    offered = {item.name for item in items_of(KINDS[kind])}
    assert offered
    assert offered <= set(KINDS[kind].by_name)
