"""Deciding on rules (规则管理): made, drafted, put in force, retired; each leaves its trace.

A version in force is never edited. Putting a version in force ends the one that held until then the day
before, so on every day one version holds at most.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Max, Q
from django.forms.models import model_to_dict
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.errors import Forbidden
from governance.access.models import User
from governance.access.scope import CITY_PREFIX
from governance.audit.services import audit_append
from governance.contract import CITY
from governance.records.codes import book
from governance.rules.checks import body_problems
from governance.rules.models import Rule, RuleVersion, VersionState
from governance.rules.notation import GrammarError, body_read

_OPEN = (VersionState.DRAFT, VersionState.PROPOSED)


@dataclass(frozen=True, slots=True)
class Draft:
    """What is to be decided on: a content in JSON form, and from when to when it holds."""

    content: dict[str, Any]
    valid_from: date
    valid_to: date | None = None
    note: str = ""


def may_change_rules(actor: Actor) -> bool:
    """Whether the actor may change rules: they hold for the whole city, so he must serve all of it."""
    everywhere = actor.scope.covers_prefix(CITY_PREFIX)
    return actor.can("manage_system") or (actor.can("plan_tasks") and everywhere)


@transaction.atomic
def rule_save(*, actor: Actor, rule: Rule) -> Rule:
    """Store a new rule, or another name, source, confirmation or switch of one.

    Raises
    ------
    Forbidden
        Unless the actor may change rules.
    ValidationError
        In Chinese, by field.
    """
    _check(actor)
    held = Rule.objects.select_for_update().filter(pk=rule.pk).first()
    rule.full_clean(validate_unique=held is None)
    before = model_to_dict(held) if held else {}
    after = model_to_dict(rule)
    changed = {name: [before.get(name), value] for name, value in after.items() if before.get(name) != value}
    rule.save()
    _trace(actor, "rules.save", {"rule": rule.code, "changed": changed})
    return rule


@transaction.atomic
def version_draft(
    *, actor: Actor, rule: Rule, draft: Draft, version: RuleVersion | None = None
) -> RuleVersion:
    """Store a new version as a draft, or another wording of one that is not decided yet.

    Raises
    ------
    Forbidden
        Unless the actor may change rules.
    ValidationError
        In Chinese: the content is no rule, the version is decided already, days out of order.
    """
    _check(actor)
    try:
        body_read(draft.content)
    except GrammarError as error:
        raise ValidationError({"content": str(error)}) from None
    Rule.objects.select_for_update().get(pk=rule.pk)
    if version is None:
        last = RuleVersion.objects.filter(rule=rule).aggregate(last=Max("number"))["last"] or 0
        version = RuleVersion(rule=rule, number=last + 1, made_at=timezone.now())
    elif version.state not in _OPEN:
        raise ValidationError("已生效或已废止的版本不能修改，请另起一版")
    version.state = VersionState.DRAFT
    version.content, version.note = draft.content, draft.note
    version.valid_from, version.valid_to = draft.valid_from, draft.valid_to
    version.made_by = _user(actor)
    version.full_clean(exclude=["rule"])
    version.save()
    _trace(actor, "rules.draft", {"rule": rule.code, "version": version.number, "content": draft.content})
    return version


@transaction.atomic
def version_propose(*, actor: Actor, version: RuleVersion) -> RuleVersion:
    """Ask a second person to decide on a draft.

    Raises
    ------
    Forbidden
        Unless the actor may change rules.
    ValidationError
        In Chinese: it is no draft, or cannot come into force as it stands.
    """
    _check(actor)
    held = _held(version, (VersionState.DRAFT,), "只有草稿可以提请同意")
    _sound(held)
    held.state = VersionState.PROPOSED
    held.save(update_fields=["state"])
    _trace(actor, "rules.propose", {"rule": held.rule_id, "version": held.number})
    return held


@transaction.atomic
def version_activate(*, actor: Actor, version: RuleVersion) -> RuleVersion:
    """Put a version in force; the ones it replaces end the day before it begins.

    Raises
    ------
    Forbidden
        Unless the actor may change rules.
    ValidationError
        In Chinese: it is decided already, or its content has problems.
    """
    _check(actor)
    held = _held(version, _OPEN, "该版本已经决定")
    _sound(held)
    _give_way(held)
    held.state, held.decided_by, held.decided_at = VersionState.ACTIVE, _user(actor), timezone.now()
    held.save(update_fields=["state", "decided_by", "decided_at"])
    _trace(actor, "rules.activate", {"rule": held.rule_id, "version": held.number})
    return held


@transaction.atomic
def version_retire(*, actor: Actor, version: RuleVersion, day: date) -> RuleVersion:
    """End a version: it holds until the day before ``day``, or never where it began no earlier.

    Raises
    ------
    Forbidden
        Unless the actor may change rules.
    ValidationError
        In Chinese: it is retired already.
    """
    _check(actor)
    held = _held(version, (*_OPEN, VersionState.ACTIVE), "该版本已经废止")
    if held.state == VersionState.ACTIVE and held.valid_from < day:
        held.valid_to = min(held.valid_to or date.max, day - timedelta(days=1))
    else:
        held.state = VersionState.RETIRED
    held.save(update_fields=["state", "valid_to"])
    _trace(actor, "rules.retire", {"rule": held.rule_id, "version": held.number, "day": day.isoformat()})
    return held


def _give_way(version: RuleVersion) -> None:
    """End the active versions that would hold on the same days."""
    others = RuleVersion.objects.filter(rule=version.rule_id, state=VersionState.ACTIVE).exclude(
        pk=version.pk
    )
    beyond = Q(valid_to=None) | Q(valid_to__gte=version.valid_from)
    others.filter(beyond, valid_from__lt=version.valid_from).update(
        valid_to=version.valid_from - timedelta(days=1)
    )
    within = Q() if version.valid_to is None else Q(valid_from__lte=version.valid_to)
    others.filter(within, valid_from__gte=version.valid_from).update(state=VersionState.RETIRED)


def _held(version: RuleVersion, states: tuple[str, ...], refusal: str) -> RuleVersion:
    Rule.objects.select_for_update().get(pk=version.rule_id)
    held = RuleVersion.objects.select_for_update().get(pk=version.pk)
    if held.state not in states:
        raise ValidationError(refusal)
    return held


def _sound(version: RuleVersion) -> None:
    problems = body_problems(version.body, book())
    if problems:
        raise ValidationError(
            [f"{each.field}：{each.reason}" if each.field else each.reason for each in problems]
        )


def _check(actor: Actor) -> None:
    if not may_change_rules(actor):
        raise Forbidden("规则对全市生效，须由负责全市任务的人员或系统管理员修改")


def _user(actor: Actor) -> User | None:
    return User.objects.filter(pk=actor.user_id).first() if actor.user_id else None


def _trace(actor: Actor, action: str, detail: dict[str, object]) -> None:
    audit_append(actor=actor, action=action, scope=CITY, count=1, chain=CITY, detail=detail)
