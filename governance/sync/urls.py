"""Routes under ``/api/v1/``."""

from django.urls import path

from governance.sync import views
from governance.sync.bundles import views as bundles
from governance.sync.files import views as files

urlpatterns = [
    path("devices/enrol", views.enrol),
    path("devices/keys", bundles.keys),
    path("sync/push", views.push),
    path("sync/pull", views.pull),
    path("sync/snapshot", views.snapshot),
    path("sync/bundle", bundles.bundle),
    path("files", files.files),
    path("files/", files.files),
    path("files/<uuid:id_>", files.file),
    path("files/<uuid:id_>/thumb", files.thumb, {"thumb": True}),
    path("sync/poke", views.poke),
]
