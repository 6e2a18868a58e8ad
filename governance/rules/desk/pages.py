"""The console's pages of one rule (规则编制页): its versions, the editor, the preview, what is decided."""

from datetime import date
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import quote
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from governance.access.actor import Actor
from governance.access.errors import Refused
from governance.access.policy import may
from governance.contract import KINDS, CodeBook
from governance.records.codes import book
from governance.records.registry.purpose import purpose_missing, staff_actor
from governance.rules.checks import body_problems
from governance.rules.desk import services
from governance.rules.desk.areas import areas_named, with_areas
from governance.rules.desk.catalogue import catalogue
from governance.rules.desk.figures import reach_on, residents
from governance.rules.desk.preview import preview
from governance.rules.desk.reading import body_of, problems_of, sent, sheet_of
from governance.rules.desk.takers import with_takers
from governance.rules.models import Rule, RuleVersion, VersionState
from governance.rules.notation import GrammarError
from governance.rules.reads import kinds_read
from governance.rules.services import may_change_rules
from governance.rules.wording import describe_body

UNPROCESSABLE = 422


def sees_rules(actor: Actor) -> bool:
    """Whether the actor may look at rules: those who plan tasks, and their authors."""
    return may(actor, "plan_tasks") or may_change_rules(actor)


def rule_page(request: HttpRequest, code: str) -> HttpResponse:
    """Show a rule with all its versions in plain Chinese, and what each changed."""
    actor = staff_actor(request)
    if not sees_rules(actor):
        raise PermissionDenied
    rule = Rule.objects.filter(pk=code).first()
    if rule is None:
        raise Http404
    today = timezone.localdate()
    versions = list(rule.versions.select_related("made_by", "decided_by").order_by("-number"))
    contents = [version.content for version in versions]
    names = with_takers(with_areas(book(), *contents), *contents)
    context = {
        **admin.site.each_context(request),
        "title": rule.name,
        "rule": rule,
        "author": may_change_rules(actor),
        "versions": [_told(version, versions, actor, today, names) for version in versions],
    }
    return TemplateResponse(request, "console/rule.html", context)


def editor_page(request: HttpRequest, code: str = "") -> HttpResponseBase:
    """Open the editor: of a new rule, of the draft named, or of a new version of the one in force."""
    actor = _author(request)
    if actor.sees_people and (away := purpose_missing(request, "person")):
        return away
    rule = Rule.objects.filter(pk=code).first()
    if code and rule is None:
        raise Http404
    draft = _draft(rule, request.GET.get("version", ""))
    setup = {
        "draft": draft,
        "areas": areas_named(draft.get("content") if draft else None),
        "takers": reverse("admin:tasks_task_takers"),
        "new": rule is None,
        "today": timezone.localdate().isoformat(),
        "catalogue": reverse("admin:rules_rule_catalogue"),
        "preview": reverse("admin:rules_rule_preview"),
        "save": reverse("admin:rules_rule_save"),
        "layers": reverse("admin:map_layer", args=["county"]),
    }
    title = f"修改“{rule.name}”" if rule else "新建规则"
    context = {**admin.site.each_context(request), "title": title, "setup": setup, "rule": rule}
    return TemplateResponse(request, "console/rule_edit.html", context)


def catalogue_page(request: HttpRequest) -> JsonResponse:
    """Give what the editor offers."""
    _author(request)
    return JsonResponse(catalogue(book()))


@require_POST
def preview_page(request: HttpRequest) -> JsonResponse:
    """Tell what the rule in the editor would do on the day chosen."""
    actor = _author(request)
    try:
        given = sent(request)
        body = body_of(given.get("content"))
        day = _day(given.get("day"))
        return JsonResponse(preview(actor=actor, body=body, day=day, code=str(given.get("code", ""))[:40]))
    except ValidationError as error:
        return JsonResponse({"problems": problems_of(error)}, status=UNPROCESSABLE)


@require_POST
def save_page(request: HttpRequest) -> JsonResponse:
    """Store what the editor sends as a draft, and put it forward where that was asked for."""
    actor = _author(request)
    try:
        given = sent(request)
        version = services.sheet_save(actor=actor, sheet=sheet_of(given))
    except ValidationError as error:
        return JsonResponse({"problems": problems_of(error)}, status=UNPROCESSABLE)
    except Refused as error:
        return JsonResponse({"problems": [{"place": "", "reason": error.reason}]}, status=UNPROCESSABLE)
    answer: dict[str, Any] = {
        "url": reverse("admin:rules_rule_change", args=[quote(version.rule_id)]),
        "number": version.number,
    }
    if given.get("put") is True:
        try:
            version = services.version_put(actor=actor, version=version, day=timezone.localdate())
        except ValidationError as error:
            answer |= {"problems": problems_of(error)}
            return JsonResponse(answer, status=UNPROCESSABLE)
    messages.success(request, _said(version))
    return JsonResponse(answer)


@require_POST
def act_page(request: HttpRequest, code: str) -> HttpResponse:
    """Do what a button of the rule's page asks for."""
    actor = _author(request)
    rule = Rule.objects.filter(pk=code).first()
    if rule is None:
        raise Http404
    try:
        messages.success(request, _act(request, actor, rule))
    except Refused as error:
        messages.error(request, error.reason)
    except ValidationError as error:
        for problem in problems_of(error):
            messages.error(request, problem["reason"])
    return redirect(reverse("admin:rules_rule_change", args=[quote(code)]))


def _act(request: HttpRequest, actor: Actor, rule: Rule) -> str:
    wanted, today = request.POST.get("act", ""), timezone.localdate()
    if wanted in ("enable", "disable"):
        services.rule_switch(actor=actor, rule=rule, enabled=wanted == "enable")
        return "规则已启用" if wanted == "enable" else "规则已停用，未办的任务随后撤回"
    number = request.POST.get("number", "")
    version = rule.versions.filter(number=int(number)).first() if number.isdecimal() else None
    if version is None:
        raise Http404
    if wanted == "put":
        return _said(services.version_put(actor=actor, version=version, day=today))
    if wanted == "agree":
        return _said(services.version_agree(actor=actor, version=version, day=today))
    if wanted == "return":
        services.version_return(actor=actor, version=version, reason=request.POST.get("reason", ""))
        return "已退回起草人修改"
    if wanted == "drop":
        services.version_drop(actor=actor, version=version)
        return "草稿已作废"
    raise Http404


def _said(version: RuleVersion) -> str:
    if version.state == VersionState.DRAFT:
        return f"第{version.number}版草稿已保存"
    if version.state == VersionState.PROPOSED:
        return f"第{version.number}版涉及人数超过居民的1%，等待另一人同意"
    return f"第{version.number}版自{version.valid_from}起生效"


def _told(
    version: RuleVersion, versions: list[RuleVersion], actor: Actor, today: date, names: CodeBook
) -> dict[str, Any]:
    """Say a version's content, and which of its sentences the version before it did not have."""
    lines, faults = _lines(version, names)
    before = next((each for each in versions if each.number == version.number - 1), None)
    old = _lines(before, names)[0] if before else []
    return {
        "version": version,
        "state": VersionState(version.state).label,
        "now": version.state == VersionState.ACTIVE and _holds(version, today),
        "lines": [(line, before is not None and line not in old) for line in lines],
        "gone": [line for line in old if line not in lines],
        "faults": faults,
        "own": version.made_by_id == actor.user_id,
        "reach": _reach(version, actor) if version.state == VersionState.PROPOSED and not faults else "",
    }


def _reach(version: RuleVersion, actor: Actor) -> str:
    """Say to whoever is asked for consent how many a version touches on its first day."""
    body, day = version.body, max(version.valid_from, timezone.localdate())
    if any(kind.right and not actor.may_read(kind.name) for kind in kinds_read(body)):
        return f"按{day}数据，超过居民的1%"
    found, among = reach_on(body, day), residents()
    return f"按{day}数据，涉及{KINDS[body.subject].label}{found}个（全市居民{among}人）"


def _lines(version: RuleVersion, names: CodeBook) -> tuple[list[str], list[str]]:
    try:
        body = version.body
    except GrammarError as error:
        return [], [str(error)]
    words = [f"任务：{body.title}（{body.item}）", f"说明：{body.text}", *describe_body(body, names)]
    live = version.state in (VersionState.ACTIVE, VersionState.DRAFT, VersionState.PROPOSED)
    return words, [problem.reason for problem in body_problems(body, book())] if live else []


def _holds(version: RuleVersion, day: date) -> bool:
    return version.valid_from <= day and (version.valid_to is None or day <= version.valid_to)


def _author(request: HttpRequest) -> Actor:
    actor = staff_actor(request)
    if not may_change_rules(actor):
        raise PermissionDenied
    return actor


def _draft(rule: Rule | None, number: str) -> dict[str, Any] | None:
    """Give what the editor starts with: a draft to go on with, or the newest version as a new one."""
    if rule is None:
        return None
    versions = rule.versions.order_by("-number")
    version = versions.filter(number=int(number)).first() if number.isdecimal() else None
    version = version or versions.exclude(state=VersionState.RETIRED).first() or versions.first()
    found = {
        "code": rule.code,
        "name": rule.name,
        "source": rule.source,
        "confirmed": rule.confirmed,
        "number": None,
    }
    if version is not None:
        found |= {"content": version.content}
        if version.state == VersionState.DRAFT:
            found |= {
                "number": version.number,
                "valid_from": version.valid_from,
                "valid_to": version.valid_to,
                "note": version.note,
            }
    return found


def _day(value: object) -> date:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise ValidationError({"day": "预览日期：应为日期，如 2026-01-01"}) from None
