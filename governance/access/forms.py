"""Console forms whose values go to a service (后台表单): what the service refuses is shown in the form."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import models, transaction
from unfold.widgets import (
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectMultipleWidget,
)

from governance.access.actor import CARE_RIGHTS, Actor
from governance.access.area_search import GridSearch
from governance.access.errors import Refused
from governance.access.models import Post, User
from governance.access.roles import ROLES
from governance.access.services.accounts import (
    account_activate,
    account_create,
    account_deactivate,
    account_password_set,
    account_rights_set,
    account_roles_set,
    account_update,
    own_rights,
)
from governance.access.services.areas import area_grant
from governance.access.services.posts import post_assign, post_end
from governance.access.validators import RULE
from governance.contract import KINDS


class ServiceForm(forms.ModelForm):
    """A model form that never saves: :meth:`run` hands its values to a service.

    ``actor`` is set by the admin page for each request.
    """

    actor: Actor

    def run(self) -> models.Model:
        """Call the service and give the object it made or changed."""
        raise TypeError(f"{type(self).__name__} has no service")

    def save(self, commit: bool = True) -> models.Model:
        """Give what :meth:`run` gave; the service has stored it."""
        return self.instance

    def save_m2m(self) -> None:
        """Store nothing more."""

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.errors:
            return
        try:
            with transaction.atomic():
                self.instance = self.run()
        except Refused as error:
            self.add_error(None, error.reason)
        except ValidationError as error:
            self._show(error)

    def _show(self, error: ValidationError) -> None:
        """Put each message at its field, or above the form where it has none."""
        by_field = error.error_dict if hasattr(error, "error_dict") else {NON_FIELD_ERRORS: error.error_list}
        for name, problems in by_field.items():
            self.add_error(name if name in self.fields else None, problems)


def _roles_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label="角色",
        choices=[(role.name, role.label) for role in ROLES.values()],
        widget=UnfoldAdminSelectMultipleWidget,
        help_text="三类管理员互斥，且不能兼任其他角色",
    )


class AccountAddForm(ServiceForm):
    """A new account."""

    roles = _roles_field()
    password = forms.CharField(
        label="初始密码",
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=f"{RULE}；本人首次登录时须修改",
        strip=False,
    )

    class Meta:
        model = User
        fields = ("username", "name", "phone", "department")

    def run(self) -> User:
        """Make the account."""
        return account_create(actor=self.actor, **self.cleaned_data)


class AccountChangeForm(ServiceForm):
    """An account that is there already."""

    roles = _roles_field()
    care = forms.MultipleChoiceField(
        label="另加的特殊关怀权限",
        choices=[(name, KINDS[name].label) for name in CARE_RIGHTS],
        required=False,
        widget=UnfoldAdminSelectMultipleWidget,
        help_text="角色已有的不必再选",
    )
    password = forms.CharField(
        label="重置密码",
        required=False,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
        help_text=f"不改则留空。{RULE}",
        strip=False,
    )

    class Meta:
        model = User
        fields = ("name", "phone", "department", "max_devices", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        held = set(self.instance.groups.values_list("name", flat=True))
        self.fields["roles"].initial = sorted(held & ROLES.keys())
        self.fields["care"].initial = sorted(own_rights(self.instance))
        for name in self.fields.keys() - {"password"}:  # what was drawn, to tell what this person changed
            self.fields[name].show_hidden_initial = True

    def run(self) -> User:
        """Pass on what was changed since the form was drawn, each to its service."""
        given = self.cleaned_data
        user = User.objects.get(pk=self.instance.pk)
        changed = set(self.changed_data)
        names = ("name", "phone", "department", "max_devices")
        if changed.intersection(names):
            values = {name: given[name] if name in changed else getattr(user, name) for name in names}
            account_update(actor=self.actor, user=user, **values)
        if "roles" in changed:
            account_roles_set(actor=self.actor, user=user, roles=given["roles"])
        if "care" in changed:
            account_rights_set(actor=self.actor, user=user, kinds=given["care"])
        if given["password"]:
            account_password_set(actor=self.actor, user=user, password=given["password"])
        if "is_active" in changed:
            switch = account_activate if given["is_active"] else account_deactivate
            switch(actor=self.actor, user=user)
        user.refresh_from_db()
        return user


class PostAddForm(ServiceForm):
    """A new post."""

    class Meta:
        model = Post
        fields = ("worker", "grid", "kind", "starts_on", "ends_on")
        labels: ClassVar = {"grid": "网格"}
        widgets: ClassVar = {"grid": GridSearch}

    def run(self) -> Post:
        """Assign it."""
        return post_assign(actor=self.actor, **self.cleaned_data)


class PostEndForm(ServiceForm):
    """The end of a post; nothing else of it is ever changed."""

    class Meta:
        model = Post
        fields = ("ends_on",)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "ends_on" in self.fields:
            self.fields["ends_on"].required = True

    def run(self) -> Post:
        """End it."""
        return post_end(actor=self.actor, post=self.instance, ends_on=self.cleaned_data["ends_on"])


class AreaForm(ServiceForm):
    """A right on a division or grid, for an account or a group."""

    def run(self) -> models.Model:
        """Grant it."""
        given = self.cleaned_data
        holder = given.get("user") or given["group"]
        area = given["content_object"]
        area_grant(actor=self.actor, holder=holder, area=area)
        name = "user" if "user" in given else "group"
        return self._meta.model.objects.get(**{name: holder, "content_object": area})
