"""Where each room's pages and routes hang."""

from django.contrib import admin
from django.urls import include, path
from django.views.generic import RedirectView

admin.autodiscover()  # every room's pages register with the site before it tells its routes

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index")),
    path("admin/", admin.site.urls),
    path("api/v1/alarms", include("governance.tasks.alarms.urls")),
    path("api/v1/items/", include("governance.publish.items.urls")),
    path("help/", include("governance.console.helping.urls")),
    path("api/v1/publish/", include("governance.publish.urls")),
    path("api/v1/", include("governance.sync.urls")),
]

handler404 = "governance.sync.astray.not_found"
handler500 = "governance.sync.astray.failed"
