"""Centres, their posts, teams and their members in the console (中心、站点岗位、队伍、队员)."""

from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from governance.access.actor import Actor
from governance.access.admin import ServiceAdmin
from governance.access.forms import ServiceForm
from governance.access.models import User
from governance.access.requests import actor_of
from governance.tasks.centres.members import MemberSearch, members_page
from governance.tasks.centres.services import (
    station_post_save,
    station_save,
    team_member_save,
    team_save,
)
from governance.tasks.models import Station, StationPost, Team, TeamMember

_PURPOSE = "中心与队伍管理"


class _Form(ServiceForm):
    """A form whose row goes to a service as it stands."""

    def row(self) -> Any:
        """Give the row with the form's values, not stored."""
        model: Any = self._meta.model
        held = model.objects.filter(pk=self.instance.pk).first() if self.instance.pk else None
        made = held or model()
        for name, value in self.cleaned_data.items():
            setattr(made, name, value)
        return made


class StationForm(_Form):
    """A station."""

    class Meta:
        model = Station
        fields = ("kind", "division", "name", "address", "phone", "hours", "enabled")

    def run(self) -> Station:
        """Store it."""
        return station_save(actor=self.actor, station=self.row())


class StationPostForm(_Form):
    """A post at a station."""

    class Meta:
        model = StationPost
        fields = ("user", "station", "title", "starts_on", "ends_on")

    def run(self) -> StationPost:
        """Store it."""
        return station_post_save(actor=self.actor, post=self.row())


class TeamForm(_Form):
    """A team."""

    class Meta:
        model = Team
        fields = ("kind", "division", "name", "enabled")

    def run(self) -> Team:
        """Store it."""
        return team_save(actor=self.actor, team=self.row())


class TeamMemberForm(_Form):
    """Somebody's membership that is there already."""

    class Meta:
        model = TeamMember
        fields = ("starts_on", "ends_on")

    def run(self) -> TeamMember:
        """Store it."""
        return team_member_save(actor=self.actor, member=self.row())


class TeamMemberAddForm(TeamMemberForm):
    """A new member, looked for by name: who leads a team does not look through the accounts."""

    username = forms.CharField(label="队员", widget=MemberSearch)

    class Meta(TeamMemberForm.Meta):
        fields = ("team", "starts_on", "ends_on")  # type: ignore[assignment]

    def row(self) -> TeamMember:
        """Find the account too.

        Raises
        ------
        ValidationError
            Where there is none.
        """
        user = User.objects.filter(username=self.cleaned_data.pop("username").strip()).first()
        if user is None:
            raise ValidationError({"username": "没有这个账号，请先由安全管理员开通"})
        made: TeamMember = super().row()
        made.user = user
        return made


class CentreAdmin(ServiceAdmin):
    """Rows of the actor's area; whoever manages the platform or its accounts sees all."""

    ability = ""
    divided_by = "division"
    fixed: tuple[str, ...] = ()

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Any]":
        """Give the rows the user may see."""
        rows: QuerySet[Any] = super().get_queryset(request)
        actor = self._actor(request)
        if actor.can("manage_system") or actor.can("manage_accounts"):
            return rows
        return rows.filter(actor.scope.q(self.divided_by))

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Keep what the row is about once it is there."""
        return self.fixed if obj else ()

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Ask for the ability that the service asks for."""
        return super().has_add_permission(request) and self._actor(request).can(self.ability)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Ask for the ability that the service asks for."""
        return super().has_change_permission(request, obj) and self._actor(request).can(self.ability)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: rows are ended or put out of use."""
        return False

    @staticmethod
    def _actor(request: HttpRequest) -> Actor:
        return actor_of(request, _PURPOSE)


@admin.register(Station)
class StationAdmin(CentreAdmin):
    """The centres of the streets and the stations of the communities."""

    ability = "manage_system"
    fixed = ("kind", "division")
    add_form = change_form = StationForm
    list_display = ("name", "kind", "division", "phone", "hours", "enabled")
    list_filter = ("kind", "enabled")
    list_select_related = ("division",)
    search_fields = ("name", "code__startswith")
    search_help_text = "名称或区划代码的开头"
    autocomplete_fields = ("division",)


@admin.register(StationPost)
class StationPostAdmin(CentreAdmin):
    """Who works at a station, from when to when."""

    ability = "manage_accounts"
    divided_by = "station__division"
    fixed = ("user", "station")
    add_form = change_form = StationPostForm
    list_display = ("station", "user", "title", "starts_on", "ends_on")
    list_filter = ("starts_on",)
    list_select_related = ("station", "user")
    search_fields = ("station__name", "user__username", "user__name")
    search_help_text = "站点名称、用户名或姓名"
    autocomplete_fields = ("user", "station")


@admin.register(Team)
class TeamAdmin(CentreAdmin):
    """The three teams."""

    ability = "plan_tasks"
    fixed = ("kind", "division")
    add_form = change_form = TeamForm
    list_display = ("name", "kind", "division", "enabled", "give")
    list_filter = ("kind", "enabled")
    list_select_related = ("division",)
    search_fields = ("name", "division__code__startswith")
    search_help_text = "名称或区划代码的开头"
    autocomplete_fields = ("division",)

    @admin.display(description="任务")
    def give(self, row: Team) -> str:
        """Lead to where the team is given tasks."""
        return format_html('<a href="{}">派任务</a>', reverse("admin:team_tasks", args=[row.pk]))


@admin.register(TeamMember)
class TeamMemberAdmin(CentreAdmin):
    """Who belongs to a team, from when to when."""

    ability = "plan_tasks"
    divided_by = "team__division"
    fixed = ("team", "user")
    add_form, change_form = TeamMemberAddForm, TeamMemberForm
    list_display = ("team", "user", "starts_on", "ends_on")
    list_filter = ("team__kind",)
    list_select_related = ("team", "user")
    search_fields = ("team__name", "user__username", "user__name")
    search_help_text = "队伍名称、用户名或姓名"
    autocomplete_fields = ("team",)

    def get_urls(self) -> list[URLPattern]:
        """Add the search for who may be taken in."""
        view = self.admin_site.admin_view(require_POST(self.people_view))
        urls: list[URLPattern] = super().get_urls()
        return [path("people/", view, name="tasks_teammember_people"), *urls]

    def people_view(self, request: HttpRequest) -> HttpResponse:
        """See :func:`members_page`."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        return members_page(request)

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """Ask for the account by its name; show it afterwards."""
        return ("team", "user" if obj else "username", "starts_on", "ends_on")
