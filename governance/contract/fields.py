"""What one datum (数据项) of a record is: the single definition hub and tablet follow.

Django columns, push decoding, tablet forms and the data dictionary are all derived from
:class:`Field`; nothing else in the project says how long a name may be.
"""

from dataclasses import dataclass
from enum import StrEnum

MULTILINE = 500
"""Texts of at least this length may have several lines."""


class Type(StrEnum):
    r"""Value types and how they travel as JSON.

    ========== ==========================================================
    text       string without control characters; from 500 characters on with ``\n``
    code       string, a code of the field's code list (代码)
    codes      array of such strings (多选)
    date       ``YYYY-MM-DD``, a day in Asia/Shanghai
    moment     ``YYYY-MM-DDTHH:MM:SSZ``, UTC
    integer    JSON number without fraction, not negative
    number     JSON number, not negative unless it is a coordinate
    flag       ``true`` or ``false`` (是/否)
    ref        UUID string of a record of kind ``Field.target``
    citizen    citizen number 公民身份号码, GB 11643-1999
    credit     unified social credit code 统一社会信用代码, GB 32100-2015
    phone      telephone number 联系方式
    area       six-digit division code, GB/T 2260 (historic codes stay valid)
    grid       fifteen-digit grid code 网格编码
    lon, lat   degrees, EPSG:4490
    files      array of UUID strings, ids of files (照片、附件) made where the file is made
    ========== ==========================================================
    """

    TEXT = "text"
    CODE = "code"
    CODES = "codes"
    DATE = "date"
    MOMENT = "moment"
    INTEGER = "integer"
    NUMBER = "number"
    FLAG = "flag"
    REF = "ref"
    CITIZEN = "citizen"
    CREDIT = "credit"
    PHONE = "phone"
    AREA = "area"
    GRID = "grid"
    LON = "lon"
    LAT = "lat"
    FILES = "files"


class Sensitivity(StrEnum):
    """How far a value may be shown (个人信息保护法 art. 28; GB/T 35273-2020).

    Personal values are masked in lists; sensitive ones are shown one at a time with a reason.
    """

    PUBLIC = "public"
    PERSONAL = "personal"
    SENSITIVE = "sensitive"


class Owner(StrEnum):
    """Who a field's true source (数源) is. Codes equal the code list ``source``."""

    WORKER = "worker"
    RESIDENT = "resident"
    HUB = "hub"
    POLICE = "police"
    CIVIL_AFFAIRS = "civil"
    HEALTH = "health"
    LABOUR = "labour"
    MEDICAL_INSURANCE = "insurance"
    MARKET = "market"
    JUSTICE = "justice"
    EDUCATION = "education"
    HOUSING = "housing"
    DISABILITY = "disability"
    VETERANS = "veterans"
    POLITICAL_LEGAL = "politics_law"
    URBAN = "urban"
    EMERGENCY = "emergency"
    NATURAL_RESOURCES = "land"


@dataclass(frozen=True, slots=True)
class Field:
    """One datum of a record kind.

    Parameters
    ----------
    name : str
        Column, JSON key and form key; English, the standard's term.
    label : str
        What people read, Chinese.
    type : Type
    length : int, optional
        Greatest number of characters (text, code, phone ...), from the standard.
    codes : str, optional
        Code list id for ``code`` and ``codes``.
    standard : str
        Where the item is defined, such as ``GB 11643-1999``; empty where it is ours.
    sensitivity : Sensitivity
    owner : Owner
        The source whose value is the true one; others' values become differences.
    required : bool
        Must be present when the record is made and may not be emptied.
    target : str, optional
        Kind of the record a ``ref`` points to.
    past : bool
        Whether a ``ref`` may point to a record that has ended: what was done for it stays true.
    derived_from : str, optional
        Field that yields this value; forms never ask for it while that field is filled.
    switched : bool
        Off until a city turns it on with its legal basis; never part of a list.
    minimum, maximum : float, optional
        Bounds of ``integer`` and ``number``; of ``files`` how many there may be.
    unit : str
        Unit people read, such as ``m²``.
    """

    name: str
    label: str
    type: Type = Type.TEXT
    length: int | None = None
    codes: str | None = None
    standard: str = ""
    sensitivity: Sensitivity = Sensitivity.PUBLIC
    owner: Owner = Owner.WORKER
    required: bool = False
    target: str | None = None
    derived_from: str | None = None
    switched: bool = False
    minimum: float | None = None
    maximum: float | None = None
    unit: str = ""
    past: bool = False

    @property
    def multiline(self) -> bool:
        """Whether the text may have several lines; names and addresses may not."""
        return self.type is Type.TEXT and (self.length is None or self.length >= MULTILINE)


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a value, a change or a file row was not taken.

    ``field`` is empty when the whole record is meant; ``code`` is a closed set
    (docs/sync-protocol.md, Problems); ``reason`` is Chinese, for people.
    """

    field: str
    code: str
    reason: str

    def as_json(self) -> dict[str, str]:
        """Give the wire form ``{"field", "code", "reason"}``."""
        return {"field": self.field, "code": self.code, "reason": self.reason}
