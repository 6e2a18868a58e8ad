"""Route ``/api/v1/alarms``."""

from django.urls import path

from governance.tasks.alarms.views import AlarmsView

urlpatterns = [path("", AlarmsView.as_view())]
