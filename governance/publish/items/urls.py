"""Routes under ``/api/v1/items/``."""

from django.urls import path

from governance.publish.items import views

urlpatterns = [
    path("", views.ItemsView.as_view()),
    path("<uuid:id_>", views.ItemView.as_view()),
    path("<uuid:id_>/targets", views.TargetsView.as_view()),
    path("<uuid:id_>/submit", views.SubmitView.as_view()),
    path("<uuid:id_>/withdraw", views.WithdrawView.as_view()),
    path("<uuid:id_>/results", views.ResultsView.as_view()),
]
