"""What the desk adds to deciding on rules (规则编制): storing whole drafts, the consent of a second person.

A version in force is never edited. What a change does to tasks follows from the day's run and the feed; here
only the version's state changes, and each step leaves its trace.
"""

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from governance.access.actor import Actor
from governance.access.errors import Forbidden, NotPossible
from governance.audit.services import audit_append
from governance.contract import CITY
from governance.records.codes import book
from governance.rules.checks import body_problems
from governance.rules.desk.figures import touches_many
from governance.rules.models import Rule, RuleVersion, VersionState
from governance.rules.notation import GrammarError, body_read
from governance.rules.services import (
    Draft,
    may_change_rules,
    rule_save,
    version_activate,
    version_draft,
    version_propose,
    version_retire,
)

_NOTE = RuleVersion._meta.get_field("note").max_length or 200


@dataclass(frozen=True, slots=True)
class Sheet:
    """What an author wrote: the rule's head and one version of it.

    ``number`` is the draft's version, None for a new one; ``new`` says that the rule itself is to be made.
    """

    code: str
    name: str
    source: str
    confirmed: bool
    draft: Draft
    number: int | None = None
    new: bool = False


def check_author(actor: Actor) -> None:
    """Refuse whoever may not write rules.

    Raises
    ------
    Forbidden
        In Chinese.
    """
    if not may_change_rules(actor):
        raise Forbidden("规则对全市生效，须由负责全市任务的人员或系统管理员编制")


@transaction.atomic
def sheet_save(*, actor: Actor, sheet: Sheet) -> RuleVersion:
    """Store a new draft or change one.

    Raises
    ------
    Forbidden
        Unless the actor may write rules.
    NotPossible
        When the version is no draft any more, or there is no such rule.
    ValidationError
        In Chinese, by field; of a condition ``content`` with its place before a tab.
    """
    check_author(actor)
    rule = Rule.objects.select_for_update().filter(pk=sheet.code).first()
    if sheet.new and rule is not None:
        raise ValidationError({"code": f"已有编号为“{sheet.code}”的规则"})
    if rule is None and not sheet.new:
        raise NotPossible("没有这条规则")
    try:
        body_read(sheet.draft.content)
    except GrammarError as error:
        told = [f"{fault.place}\t{fault.reason}" for fault in error.faults]
        raise ValidationError({"content": told}) from None
    head = {"name": sheet.name, "source": sheet.source, "confirmed": sheet.confirmed}
    rule = rule or Rule(code=sheet.code, **head)
    if rule._state.adding or any(getattr(rule, name) != value for name, value in head.items()):
        for name, value in head.items():
            setattr(rule, name, value)
        rule = rule_save(actor=actor, rule=rule)
    return version_draft(actor=actor, rule=rule, draft=sheet.draft, version=_draft_of(rule, sheet.number))


@transaction.atomic
def version_put(*, actor: Actor, version: RuleVersion, day: date) -> RuleVersion:
    """Put a draft into force from its first day; one that touches many people waits for a second person.

    Raises
    ------
    Forbidden
        Unless the actor may write rules.
    NotPossible
        When it is no draft.
    ValidationError
        By field: what is wrong with the rule, or with its days.
    """
    check_author(actor)
    held = _held(version, VersionState.DRAFT, "只有草稿可以提交")
    wrong = {"content": [f"{each.field}\t{each.reason}" for each in body_problems(held.body, book())]}
    if held.valid_from < day:
        wrong["valid_from"] = ["生效日期不能早于今天"]
    if any(wrong.values()):
        raise ValidationError({name: said for name, said in wrong.items() if said})
    if touches_many(held.body, held.valid_from):
        return version_propose(actor=actor, version=held)
    return version_activate(actor=actor, version=held)


@transaction.atomic
def version_agree(*, actor: Actor, version: RuleVersion, day: date) -> RuleVersion:
    """Put into force what another person drafted; its first day is today where that has passed meanwhile.

    Raises
    ------
    Forbidden
        Also for whoever drafted it.
    NotPossible
        When it does not wait for consent.
    """
    check_author(actor)
    held = _held(version, VersionState.PROPOSED, "这一版不在等待同意")
    if not actor.by_hub and held.made_by_id == actor.user_id:
        raise Forbidden("涉及人数多的规则须由起草人以外的另一人同意")
    if held.valid_to is not None and held.valid_to < day:
        raise NotPossible("截止日期已过，请退回后修改")
    if held.valid_from < day:
        held.valid_from = day
        held.save(update_fields=["valid_from"])
    return version_activate(actor=actor, version=held)


@transaction.atomic
def version_return(*, actor: Actor, version: RuleVersion, reason: str) -> RuleVersion:
    """Send what waits for consent back to its author.

    Raises
    ------
    Forbidden, NotPossible
        In Chinese.
    """
    check_author(actor)
    held = _held(version, VersionState.PROPOSED, "这一版不在等待同意")
    if not reason.strip():
        raise NotPossible("请填写退回的理由")
    held.state, held.note = VersionState.DRAFT, f"退回：{reason.strip()}"[:_NOTE]
    held.save(update_fields=["state", "note"])
    told = {"rule": held.rule_id, "version": held.number, "reason": held.note}
    audit_append(actor=actor, action="rules.return", scope=CITY, count=1, chain=CITY, detail=told)
    return held


def version_drop(*, actor: Actor, version: RuleVersion) -> RuleVersion:
    """Throw a draft away.

    Raises
    ------
    Forbidden, NotPossible
        In Chinese.
    """
    check_author(actor)
    if version.state != VersionState.DRAFT:
        raise NotPossible("只有草稿可以作废")
    return version_retire(actor=actor, version=version, day=timezone.localdate())


@transaction.atomic
def rule_switch(*, actor: Actor, rule: Rule, enabled: bool) -> Rule:
    """Switch a rule with all its versions on or off.

    Raises
    ------
    Forbidden
        Unless the actor may write rules.
    """
    check_author(actor)
    held = Rule.objects.select_for_update().get(pk=rule.pk)
    held.enabled = enabled
    return rule_save(actor=actor, rule=held)


def _draft_of(rule: Rule, number: int | None) -> RuleVersion | None:
    if number is None:
        return None
    version = RuleVersion.objects.filter(rule=rule, number=number).first()
    if version is None or version.state != VersionState.DRAFT:
        raise NotPossible("这一版已不是草稿，请另拟新版本")
    return version


def _held(version: RuleVersion, state: VersionState, refusal: str) -> RuleVersion:
    Rule.objects.select_for_update().get(pk=version.rule_id)
    held = RuleVersion.objects.get(pk=version.pk)
    if held.state != state:
        raise NotPossible(refusal)
    return held
