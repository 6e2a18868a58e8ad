"""Routes under ``/api/v1/publish/``."""

from django.urls import path

from governance.publish import views

urlpatterns = [
    path("catalogue", views.CatalogueView.as_view()),
    path("<str:kind>", views.ChangesView.as_view()),
]
