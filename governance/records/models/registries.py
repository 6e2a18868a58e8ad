"""The registries 人、地、物、组织; columns come from the contract."""

from django.db import models

from governance.records.models.base import Record, contract_model


@contract_model("building")
class Building(Record):
    """Building 楼栋."""

    class Meta(Record.Meta):
        indexes = [*Record.Meta.indexes, models.Index(fields=["address"], name="building_address")]


@contract_model("room")
class Room(Record):
    """Room or flat 房屋."""

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["hazard"], condition=models.Q(hazard__isnull=False), name="room_hazard"),
        ]


@contract_model("household")
class Household(Record):
    """Household 户."""

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            # Whose door a room's task leads to, without reading the household (as person_home_ages).
            models.Index(
                fields=["room", "id", "deleted", "closed_on"],
                condition=models.Q(deleted=False, closed_on__isnull=True),
                name="household_of_room",
            ),
        ]


@contract_model("person")
class Person(Record):
    """Person 实有人口."""

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["citizen_number"], name="person_citizen_number"),
            models.Index(fields=["birth_date"], name="person_birth_date"),
            models.Index(fields=["name"], name="person_name"),
            # Who lives in a home and how old they are, without reading the people themselves: SQLite looks
            # for the condition's columns in the index too.
            models.Index(
                fields=["household", "birth_date", "deleted", "closed_on"],
                condition=models.Q(deleted=False, closed_on__isnull=True),
                name="person_home_ages",
            ),
            models.Index(
                fields=["permit_expires_on"],
                condition=models.Q(permit_expires_on__isnull=False),
                name="person_permit_ends",
            ),
            # Whether what was done for a closed record with the same number counts for the open one.
            models.Index(
                fields=["citizen_number"],
                condition=models.Q(deleted=False, closed_on__isnull=False),
                name="person_closed_number",
            ),
        ]


@contract_model("organisation")
class Organisation(Record):
    """Organisation or place of business 组织、场所."""

    class Meta(Record.Meta):
        indexes = [
            *Record.Meta.indexes,
            models.Index(fields=["credit_code"], name="organisation_credit_code"),
        ]


@contract_model("thing")
class Thing(Record):
    """Public thing 物（部件）."""
