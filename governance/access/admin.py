"""Accounts, posts, devices, departments and area rights in the console (账号管理后台)."""

from typing import Any

from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import admin as _  # noqa: F401 - it registers what is taken out below
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest
from unfold.admin import ModelAdmin

from governance.access.forms import (
    AccountAddForm,
    AccountChangeForm,
    AreaForm,
    PostAddForm,
    PostEndForm,
)
from governance.access.grid_column import GridNamed
from governance.access.models import (
    Department,
    Device,
    DivisionGroupRight,
    DivisionUserRight,
    GridGroupRight,
    GridUserRight,
    Post,
    User,
)
from governance.access.requests import actor_of
from governance.access.roles import role_label
from governance.access.selectors import posts_active
from governance.access.services.areas import area_revoke
from governance.access.services.devices import device_revoke

PURPOSE = "账号管理"

admin.site.unregister(Group)  # roles follow the table in the code, see roles_sync


class ServiceAdmin(ModelAdmin):
    """A page whose forms hand their values to services (:class:`governance.access.forms.ServiceForm`)."""

    add_form: type[ModelForm]
    change_form: type[ModelForm]

    def get_form(
        self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any
    ) -> Any:
        """Give the form for adding or for changing, knowing who acts."""
        kwargs["form"] = self.change_form if obj else self.add_form
        made = super().get_form(request, obj, change=change, **kwargs)
        return type(made.__name__, (made,), {"actor": actor_of(request, PURPOSE)})

    def save_model(self, request: HttpRequest, obj: Model, form: ModelForm, change: bool) -> None:
        """Store nothing: the form's service has."""


@admin.register(User)
class UserAdmin(ServiceAdmin):
    """Accounts, for the security administrator."""

    add_form, change_form = AccountAddForm, AccountChangeForm
    list_display = ("username", "name", "roles", "department", "phone", "is_active", "last_login")
    list_filter = ("is_active", "groups", "department")
    list_select_related = ("department",)
    search_fields = ("username", "name", "phone")
    search_help_text = "用户名、姓名或电话"
    ordering = ("username",)

    @admin.display(description="角色")
    def roles(self, user: User) -> str:
        """Name the account's roles."""
        return "、".join(role_label(group.name) for group in user.groups.all())

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """Fetch the roles along."""
        return super().get_queryset(request).prefetch_related("groups")

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Refuse: accounts are deactivated."""
        return False


@admin.register(Post)
class PostAdmin(GridNamed, ServiceAdmin):
    """Posts; those who do not manage accounts see the ones in their area."""

    add_form, change_form = PostAddForm, PostEndForm
    list_display = ("grid_name", "worker", "kind", "starts_on", "ends_on")
    list_filter = ("kind", "starts_on")
    list_select_related = ("worker",)
    search_fields = ("grid__startswith", "worker__username", "worker__name")
    search_help_text = "网格编码的开头、网格员的用户名或姓名"
    autocomplete_fields = ("worker",)

    def get_readonly_fields(self, request: HttpRequest, obj: Post | None = None) -> tuple[str, ...]:
        """Leave only the end open once the post is there."""
        return ("worker", "grid_name", "kind", "starts_on") if obj else ()

    def get_fields(self, request: HttpRequest, obj: Post | None = None) -> tuple[str, ...]:
        """Ask for the grid; name it once the post is there."""
        return ("worker", "grid_name" if obj else "grid", "kind", "starts_on", "ends_on")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Post]:
        """Give all posts, or those in the actor's area."""
        actor = actor_of(request, PURPOSE)
        rows = super().get_queryset(request)
        return rows if actor.can("manage_accounts") else rows.filter(actor.scope.q("grid"))

    def has_delete_permission(self, request: HttpRequest, obj: Post | None = None) -> bool:
        """Refuse: posts are ended."""
        return False


@admin.register(Device)
class DeviceAdmin(ModelAdmin):
    """Tablets: shown and revoked."""

    list_display: tuple[Any, ...] = (
        "name",
        "worker",
        "enrolled_at",
        "last_seen_at",
        "revoked_at",
        "revoked_as",
        "push_until",
    )
    list_filter: tuple[Any, ...] = (("revoked_at", admin.EmptyFieldListFilter), "revoked_as", "last_seen_at")
    list_select_related: tuple[str, ...] = ("worker",)
    search_fields = ("name", "worker__username", "worker__name")
    search_help_text = "终端名称、使用人的用户名或姓名"
    fields: tuple[str, ...] = (
        "id",
        "name",
        "worker",
        "enrolled_at",
        "last_seen_at",
        "revoked_at",
        "revoked_as",
        "push_until",
    )
    readonly_fields: tuple[str, ...] = fields
    actions = ("retire", "lose")

    @admin.action(description="更换或停用（待交回，仍可补传未送的数据）", permissions=["change"])
    def retire(self, request: HttpRequest, queryset: QuerySet[Device]) -> None:
        """Retire the chosen devices: their workers may enrol others, their unsent work is still taken."""
        days = settings.DEVICE_GRACE_DAYS
        said = f"：不能再取数据，{days}天内可补传未送的数据；使用人可登记新终端"
        self._revoke(request, queryset, ("已停用", said, "早已停用，可补传的期限不变"), lost=False)

    @admin.action(description="挂失（遗失被盗，拒绝其一切请求）", permissions=["change"])
    def lose(self, request: HttpRequest, queryset: QuerySet[Device]) -> None:
        """Report the chosen devices lost: nothing is taken from them."""
        self._revoke(request, queryset, ("已挂失", "，其令牌立即失效", "此前已经挂失"), lost=True)

    def _revoke(
        self, request: HttpRequest, queryset: QuerySet[Device], words: tuple[str, str, str], *, lost: bool
    ) -> None:
        """Revoke devices and tell of how many; a retired one whose days are running stays as it was."""
        actor, changed = actor_of(request, PURPOSE), 0
        devices = list(queryset)
        for device in devices:
            after = device_revoke(actor=actor, device=device, lost=lost)
            changed += (after.revoked_as, after.push_until) != (device.revoked_as, device.push_until)
        did, said, kept = words
        if changed:
            self.message_user(request, f"{did}{changed}台终端{said}", messages.SUCCESS)
        if changed < len(devices):
            self.message_user(request, f"{len(devices) - changed}台终端{kept}", messages.WARNING)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Device]:
        """Give all devices, or those of the workers in the actor's area."""
        actor = actor_of(request, PURPOSE)
        rows = super().get_queryset(request)
        if actor.can("manage_accounts"):
            return rows
        workers = posts_active().filter(actor.scope.q("grid")).values("worker")
        return rows.filter(worker__in=workers)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: tablets enrol themselves."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Device | None = None) -> bool:
        """Refuse: devices are revoked."""
        return False


@admin.register(Department)
class DepartmentAdmin(ModelAdmin):
    """The list of departments; it comes with the platform."""

    list_display = ("position", "code", "name")
    list_display_links = ("name",)
    search_fields = ("code", "name")
    ordering = ("position",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Department | None = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Department | None = None) -> bool:
        """Refuse."""
        return False


class AreaAdmin(ServiceAdmin):
    """Rights on areas: granted and taken back, never changed."""

    add_form = change_form = AreaForm
    holder = "user"
    list_select_related = ("content_object",)

    def get_list_display(self, request: HttpRequest) -> tuple[str, ...]:
        """Show who serves what."""
        return (self.holder, "content_object")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Ask who and where; there is one permission only."""
        return (self.holder, "content_object")

    def get_autocomplete_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Look accounts up by name."""
        return ("user",) if self.holder == "user" else ()

    def get_search_fields(self, request: HttpRequest) -> tuple[str, ...]:
        """Search by holder and area."""
        names = ("user__username", "user__name") if self.holder == "user" else ("group__name",)
        return (*names, "content_object__code__startswith", "content_object__name")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Refuse."""
        return False

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        """Take the right back."""
        area_revoke(
            actor=actor_of(request, PURPOSE), holder=getattr(obj, self.holder), area=obj.content_object
        )

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Take the rights back."""
        for row in queryset:
            self.delete_model(request, row)


@admin.register(DivisionUserRight, GridUserRight)
class UserAreaAdmin(AreaAdmin):
    """Rights of accounts."""

    raw_id_fields = ("content_object",)


@admin.register(DivisionGroupRight, GridGroupRight)
class GroupAreaAdmin(AreaAdmin):
    """Rights of groups."""

    holder = "group"
    raw_id_fields = ("content_object",)
