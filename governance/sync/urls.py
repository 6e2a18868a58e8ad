"""Routes under ``/api/v1/``."""

from django.urls import path

from governance.sync import views

urlpatterns = [
    path("devices/enrol", views.enrol),
    path("sync/push", views.push),
    path("sync/pull", views.pull),
    path("sync/snapshot", views.snapshot),
]
