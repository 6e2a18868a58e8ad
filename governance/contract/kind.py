"""What a kind of record (人、地、物、事、组织) is: its fields, its place, its right."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from governance.contract.fields import Field, Owner, Problem, Type
from governance.contract.parse import Parser, parser_of

Values = Mapping[str, object]
Rule = Callable[[Values], Iterable[Problem]]
Derivation = Callable[[Values], Values]
Near = Callable[[Values], Iterable[tuple[str, str]]]
"""Names the records, by kind and id, that a step of this one is held against."""

Lookup = Callable[[str, str], "tuple[Kind, Values] | None"]
"""Gives a record's kind and values by kind and id; None where it is not held."""

Step = Callable[[Values, Values, Lookup], Iterable[Problem]]
"""Says what speaks against going from one state of a record to another."""


@dataclass(frozen=True)
class Kind:
    """A record kind.

    Parameters
    ----------
    name : str
        Kind on the wire, such as ``person``.
    label : str
        Chinese name.
    element : str
        Which of 人 地 物 事 组织 it is.
    fields : tuple of Field
        Own items in the standard's order.
    anchor : str, optional
        The ``ref`` field whose record says which grid this one lies in; a kind without
        anchor is located by its own point or its ``grid`` field.
    title : tuple of str
        Fields that name a record in a list, in order.
    right : str, optional
        Permission without which the kind is invisible (care registers 特殊关怀).
    veil : str, optional
        Field that names a kind with a right of its own; a record that has it is invisible without that right.
    closing : str
        Code list of the reasons for closing.
    rules : tuple of Rule
        Checks over a whole record; each yields problems.
    derive : Derivation, optional
        Fills values that others imply (birth date from the citizen number).
    report : tuple of str
        Fields that make one report: when one of them goes to review as another was there first, all do.
    step : Step, optional
        Checks the way from a record as it was to what it would be, where the hub does not act itself;
        only of what is applied, so that a late report is kept as a difference instead of refused.
    near : Near, optional
        Names the records that ``step`` looks up.
    writable : bool
        Whether a tablet may create records of it (tasks are made by the hub alone).
    lasting : bool
        Whether it tells of the past (visits, materials seen): open ones do not keep a record from ending.
    standard : str
        The block of GB/T 31000-2015 or other source.
    """

    name: str
    label: str
    element: str
    fields: tuple[Field, ...]
    anchor: str | None = None
    title: tuple[str, ...] = ()
    right: str | None = None
    veil: str | None = None
    closing: str = "close_reason"
    rules: tuple[Rule, ...] = ()
    derive: Derivation | None = None
    report: tuple[str, ...] = ()
    step: Step | None = None
    near: Near | None = None
    writable: bool = True
    lasting: bool = False
    standard: str = ""

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """Fields by name."""
        return {item.name: item for item in self.fields}

    @cached_property
    def steps(self) -> dict[str, tuple[Field, Parser, bool]]:
        """For each field its parser, and whether not everybody may set it (switched, hub's own)."""
        return {
            item.name: (item, parser_of(item), item.switched or item.owner is Owner.HUB)
            for item in self.fields
        }

    @cached_property
    def required(self) -> tuple[Field, ...]:
        """Fields that a new record must have."""
        return tuple(item for item in self.fields if item.required)

    @cached_property
    def references(self) -> tuple[Field, ...]:
        """Fields that point to another record."""
        return tuple(item for item in self.fields if item.type is Type.REF)

    @cached_property
    def files(self) -> tuple[Field, ...]:
        """Fields that name photos or other files."""
        return tuple(item for item in self.fields if item.type is Type.FILES)

    @cached_property
    def located(self) -> bool:
        """Whether records carry their own point."""
        return "lon" in self.by_name
