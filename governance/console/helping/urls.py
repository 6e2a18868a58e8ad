"""Routes under ``/help/``."""

from django.contrib.auth.views import LogoutView
from django.urls import path, reverse_lazy

from governance.console.helping import views

urlpatterns = [
    path("", views.tasks_page, name="help"),
    path("login/", views.SignIn.as_view(), name="help_login"),
    path("logout/", LogoutView.as_view(next_page=reverse_lazy("help_login")), name="help_logout"),
    path("password/", views.NewPassword.as_view(), name="help_password"),
    path("<uuid:task>/", views.task_page, name="help_task"),
]
