"""From contract to table: the columns every record has, and those its kind adds."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.db import models

from governance.contract import KINDS, Field, Kind, Type
from governance.contract.masking import masked_title
from governance.feed.columns import IdField

_MODELS: dict[str, type["Record"]] = {}
_LONG = 500
_CODE = 20


class Record(models.Model):
    """One record of any kind: its place, its version, where its values come from.

    ``origins`` is a list of groups ``{"v": version, "s": source, "u": user id, "d": device,
    "t": UTC time, "ok": verified, "f": [fields]}``; the group without ``f`` speaks for every
    field that no other group names (:mod:`governance.records.origins`).
    """

    id = IdField("编号", primary_key=True)
    grid = models.CharField("网格", max_length=15)
    version = models.BigIntegerField("版本", default=1)
    origins = models.JSONField("来源", default=list)
    deleted = models.BooleanField("误录作废", default=False)
    created_at = models.DateTimeField("登记时间")
    updated_at = models.DateTimeField("更新时间")

    contract: Kind

    class Meta:
        abstract = True
        # Not db_index: scopes are read as ranges, and PostgreSQL would get a second index for LIKE.
        indexes = [models.Index(fields=["grid"], name="%(class)s_grid")]

    def __str__(self) -> str:
        values = {name: getattr(self, name, None) for name in self.contract.title}
        return masked_title(self.contract, values) or f"{self.contract.label} {self.pk}"


_Model = TypeVar("_Model", bound=type[Record])


def contract_model(name: str) -> Callable[[_Model], _Model]:
    """Give a model the columns of the contract's kind ``name`` and enter it in the register."""

    def decorate(model: _Model) -> _Model:
        model.contract = KINDS[name]
        for item in model.contract.fields:
            if item.type is not Type.GRID:
                model.add_to_class(item.name, column(item, name))
        model._meta.verbose_name = model._meta.verbose_name_plural = model.contract.label
        _MODELS[name] = model
        return model

    return decorate


def model_of(kind: str) -> type[Record]:
    """Give the table of a kind.

    Raises
    ------
    KeyError
        If no installed room keeps that kind.
    """
    return _MODELS[kind]


def is_kept(kind: str) -> bool:
    """Whether the hub keeps records of that kind."""
    return kind in _MODELS


def kept_kinds() -> list[str]:
    """Kinds that have a table, parents before those anchored to them."""
    return [name for name in KINDS if name in _MODELS]


def column(item: Field, kind: str) -> "models.Field[Any, Any]":
    """Make the Django column of a contract field; nullable, as absent values are null."""
    options: dict[str, Any] = {"null": True, "blank": not item.required, "help_text": item.standard}
    if item.type is Type.REF:
        return models.ForeignKey(
            _target(item.target or ""),
            verbose_name=item.label,
            db_column=item.name,
            on_delete=models.PROTECT,
            related_name=f"{kind}_{item.name}_set",
            **options,
        )
    if item.type is Type.TEXT and (item.length is None or item.length > _LONG):
        return models.TextField(item.label, **options)
    make, extra = _COLUMNS[item.type]
    if make is models.CharField:
        extra = {"max_length": item.length or _LENGTHS.get(item.type, _CODE)}
    return make(item.label, **extra, **options)


def _target(kind: str) -> str:
    return f"{_ROOMS.get(kind, 'records')}.{kind.replace('_', ' ').title().replace(' ', '')}"


_ROOMS = {"event": "events", "task": "tasks", "visit": "tasks", "case": "tasks"}
_LENGTHS = {Type.CITIZEN: 18, Type.CREDIT: 18, Type.PHONE: 20, Type.AREA: 6}
_COLUMNS: dict[Type, tuple[Any, dict[str, Any]]] = {
    Type.TEXT: (models.CharField, {}),
    Type.CODE: (models.CharField, {}),
    Type.CITIZEN: (models.CharField, {}),
    Type.CREDIT: (models.CharField, {}),
    Type.PHONE: (models.CharField, {}),
    Type.AREA: (models.CharField, {}),
    Type.CODES: (models.JSONField, {}),
    Type.DATE: (models.DateField, {}),
    Type.MOMENT: (models.DateTimeField, {}),
    Type.INTEGER: (models.BigIntegerField, {}),
    Type.NUMBER: (models.FloatField, {}),
    Type.FLAG: (models.BooleanField, {}),
    Type.LON: (models.FloatField, {}),
    Type.LAT: (models.FloatField, {}),
    Type.FILES: (models.JSONField, {}),
}
