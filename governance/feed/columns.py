"""Column types shared by the rooms that write in sets."""

from typing import Any
from uuid import UUID

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper


class IdField(models.UUIDField):  # type: ignore[type-arg]
    """A UUID that the database itself can put into JSON.

    Django keeps UUIDs on SQLite as 32 hex digits; here they keep their hyphens, so that
    JSON built by SQL needs no conversion on either database.
    """

    def db_type(self, connection: BaseDatabaseWrapper) -> str:
        """Give ``uuid`` where the database has it, else 36 characters."""
        return "uuid" if connection.features.has_native_uuid_field else "char(36)"

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        """Bind the canonical text with hyphens where there is no native type."""
        if value is None or connection.features.has_native_uuid_field:
            return super().get_db_prep_value(value, connection, prepared)
        return str(value if isinstance(value, UUID) else UUID(str(value)))
