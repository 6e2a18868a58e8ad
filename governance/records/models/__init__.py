"""Tables of this room."""

from governance.records.models.base import Record, contract_model, is_kept, kept_kinds, model_of
from governance.records.models.care import (
    CareCorrection,
    CareDisability,
    CareDrug,
    CareHardship,
    CareLeftBehind,
    CareMental,
    CarePregnancy,
    CareRelease,
    CareYouth,
)
from governance.records.models.codes import Code, CodeList, Switch
from governance.records.models.files import Content, FileUse, StoredFile
from governance.records.models.history import Contested, History, Inbox
from governance.records.models.registries import Building, Household, Organisation, Person, Room, Thing

__all__ = [
    "Building",
    "CareCorrection",
    "CareDisability",
    "CareDrug",
    "CareHardship",
    "CareLeftBehind",
    "CareMental",
    "CarePregnancy",
    "CareRelease",
    "CareYouth",
    "Code",
    "CodeList",
    "Content",
    "Contested",
    "FileUse",
    "History",
    "Household",
    "Inbox",
    "Organisation",
    "Person",
    "Record",
    "Room",
    "StoredFile",
    "Switch",
    "Thing",
    "contract_model",
    "is_kept",
    "kept_kinds",
    "model_of",
]
