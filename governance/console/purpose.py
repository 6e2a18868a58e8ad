"""The page where a staff session says what it reads people's data for (使用目的)."""

from django import forms
from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from governance.records.registry.purpose import MOST, PURPOSES, purpose_of, purpose_set


class PurposeForm(forms.Form):
    """One of the purposes, or another one in words."""

    purpose = forms.CharField(required=False, max_length=MOST)
    other = forms.CharField(required=False, max_length=MOST)

    def clean(self) -> dict[str, str]:
        """Settle on one text."""
        given = self.cleaned_data
        other, named = given.get("other", ""), given.get("purpose", "")
        text = other if named not in PURPOSES else named
        if not text.strip():
            raise forms.ValidationError("请选择或填写查阅目的")
        return {"purpose": text}


def purpose_page(request: HttpRequest) -> HttpResponse:
    """Ask for the purpose, keep it, lead on to the page that was wanted."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if not url_has_allowed_host_and_scheme(wanted, {request.get_host()}, request.is_secure()):
        wanted = reverse("admin:index")
    form = PurposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        purpose_set(request, form.cleaned_data["purpose"])
        return redirect(wanted)
    context = {
        **admin.site.each_context(request),
        "title": "选择查阅目的",
        "purposes": PURPOSES,
        "chosen": purpose_of(request),
        "next": wanted,
        "problem": next(iter(form.non_field_errors()), "") if form.is_bound else "",
    }
    return TemplateResponse(request, "console/purpose.html", context)
