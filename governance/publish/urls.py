"""Routes under ``/api/v1/publish/``."""

from django.urls import path

from governance.publish import cases, views

urlpatterns = [
    path("catalogue", views.CatalogueView.as_view()),
    path("cases", cases.CasesView.as_view()),
    path("cases/<uuid:case>", cases.CaseView.as_view()),
    path("cases/<uuid:case>/files/<uuid:file>", cases.CaseFileView.as_view()),
    path("cases/<uuid:case>/<slug:step>", cases.CaseStepView.as_view()),
    path("<str:kind>", views.ChangesView.as_view()),
]
