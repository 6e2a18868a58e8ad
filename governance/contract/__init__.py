"""What hub and tablet agree on (契约): kinds, fields, code lists, wire forms, validation.

Needs the standard library and python-stdnum only, so that the tablet can carry it.
"""

from governance.contract.codes import CodeBook, CodeItem, CodeList, code_book, read_code_lists
from governance.contract.fields import Field, Owner, Problem, Sensitivity, Type
from governance.contract.ids import uuid7
from governance.contract.kind import Kind
from governance.contract.kinds import KINDS
from governance.contract.validate import Checked, check
from governance.contract.wire import CITY, Change, Gone, Result, Status

__all__ = [
    "CITY",
    "KINDS",
    "Change",
    "Checked",
    "CodeBook",
    "CodeItem",
    "CodeList",
    "Field",
    "Gone",
    "Kind",
    "Owner",
    "Problem",
    "Result",
    "Sensitivity",
    "Status",
    "Type",
    "check",
    "code_book",
    "read_code_lists",
    "uuid7",
]
