"""The console's site (管理台): unfold's, with the dashboard, the map and the choice of purpose."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.functional import SimpleLazyObject
from unfold.sites import UnfoldAdminSite

from governance.access.requests import actor_of
from governance.console import areas, desk, desk_tasks, reshape, supervision, teams, visit_plans
from governance.console.bundles import bundles_page
from governance.console.dashboard import dashboard
from governance.console.mapping import views as mapping
from governance.console.purpose import purpose_page
from governance.records.registry.purpose import purpose_of


class ConsoleSite(UnfoldAdminSite):
    """All of the console's pages."""

    index_title = "工作台"
    index_template = "console/dashboard.html"
    site_title = site_header = "社区e通"
    empty_value_display = "—"

    def extra_urls(self) -> list[URLPattern]:
        """Add the pages that belong to no single model."""
        pages = (
            ("purpose/", purpose_page, "purpose"),
            ("bundles/", bundles_page, "bundles"),
            ("supervision/", supervision.page, "supervision"),
            ("supervision/work/<str:username>/", supervision.worker_page, "supervision_worker"),
            ("visit-plans/", visit_plans.page, "visit_plans"),
            ("areas/", areas.page, "areas"),
            ("map/", mapping.page, "map"),
            ("map/areas/", mapping.areas, "map_areas"),
            ("map/layers/<slug:level>/", mapping.layer, "map_layer"),
            ("map/points/<slug:kind>/", mapping.points, "map_points"),
            ("map/grid/<slug:code>/", mapping.grid, "map_grid"),
            ("map/grid/<slug:code>/reshape/", reshape.page, "map_reshape"),
            ("teams/<int:team>/tasks/", teams.page, "team_tasks"),
            ("desk/", desk.queue_page, "desk"),
            ("desk/tasks/", desk_tasks.queue_page, "desk_tasks"),
            ("desk/tasks/<uuid:task>/", desk_tasks.task_page, "desk_task"),
            ("desk/<uuid:case>/", desk.case_page, "desk_case"),
            ("desk/<uuid:case>/receipt/", desk.receipt_page, "desk_receipt"),
            ("desk/<uuid:case>/files/<uuid:file>/", desk.file_page, "desk_file"),
        )
        return [path(route, self.admin_view(view), name=name) for route, view, name in pages]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        """Add the session's purpose and whether the user reads people's data at all."""
        context: dict[str, Any] = super().each_context(request)
        context["purpose"] = purpose_of(request)
        context["purpose_asked"] = actor_of(request).sees_people
        context["purpose_url"] = reverse("admin:purpose")
        return context

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> Any:
        """Give the models by app when a template asks: our own menu stands in place of them on most pages."""
        return SimpleLazyObject(lambda: super(ConsoleSite, self).get_app_list(request, app_label))

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Show the dashboard."""
        context = {
            **self.each_context(request),
            "title": self.index_title,
            **dashboard(self, request),
            **(extra_context or {}),
        }
        request.current_app = self.name
        return TemplateResponse(request, self.index_template, context)

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Refuse: words to search for never stand in an address."""
        raise Http404
