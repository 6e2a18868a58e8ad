"""The hub's routes and the simplest view that the API framework allows."""

from django.urls import include, path
from rest_framework.decorators import api_view, authentication_classes, permission_classes
from rest_framework.request import Request
from rest_framework.response import Response


@api_view(["GET"])
@authentication_classes([])
@permission_classes([])
def trivial(request: Request) -> Response:
    """Say that all is well."""
    return Response({"ok": True})


urlpatterns = [path("bench/trivial", trivial), path("", include("governance.config.urls"))]
