"""What a record's page needs of the admin that shows it (页面宿主)."""

from typing import Any, Protocol

from django.contrib.admin import AdminSite
from django.forms import Media
from django.http import HttpRequest

from governance.contract import Kind


class Host(Protocol):
    """A registry's admin, see :class:`governance.records.registry.admin.RecordAdmin`."""

    admin_site: AdminSite
    closes: bool

    @property
    def kind(self) -> Kind:
        """The contract's kind."""

    @property
    def media(self) -> Media:
        """Scripts and styles."""

    def address(self, page: str, *args: Any) -> str:
        """Give the address of one of the admin's pages."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Whether records may be added."""

    def has_change_permission(self, request: HttpRequest) -> bool:
        """Whether records may be changed."""
