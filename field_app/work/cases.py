"""代办: services done on a resident's behalf, from the consent at the door to the result brought back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from field_app.store.state import RecordState, Values, View
from field_app.store.store import Store
from field_app.work.collect import Collect
from field_app.work.errors import NotFound, Refused
from field_app.work.forms import Form
from field_app.work.labels import Labels, is_open, is_there
from field_app.work.mandates import bundled, lead_of, signable, signed_on, state_of
from field_app.work.papers import CheckLine, Papers, same_again
from field_app.work.photos import Photos, Take
from field_app.work.rows import Choice, Row, Saved
from field_app.work.services import Service, Services
from field_app.work.times import moment_now, moment_text
from governance.contract import Problem
from governance.contract.casework import (
    ACTS,
    AT_DOOR,
    DELIVER,
    ENDED,
    HAND_IN,
    STATES,
    act_problem,
    acts_in,
    consent_text,
    state_after,
)
from governance.contract.kinds.task_states import OPEN, OPEN_STATES

_DAY = 10


@dataclass(frozen=True, slots=True)
class CaseRow:
    """One case in a list; ``mine`` says that it is the worker's turn, ``subject`` is masked."""

    id: str
    title: str
    subject: str
    door: str
    number: str
    state: str
    state_label: str
    due: str
    mine: bool
    sync: RecordState


@dataclass(frozen=True, slots=True)
class CaseSheet:
    """One case in full.

    Parameters
    ----------
    id, title, department, number, state, state_label, due : str
    answer, reference, missing : str
        What station or department said, the number of the result, names of materials to be brought.
    consent : str
        The words the resident signs.
    signed : str
        Who consented and when; empty while nobody has.
    checklist : tuple of CheckLine
    acts : tuple of Choice
        What the worker may do now.
    person, household : Row or None
    parts : tuple of CaseRow
        The other cases of the same bundle.
    sync : RecordState
    """

    id: str
    title: str
    department: str
    number: str
    state: str
    state_label: str
    due: str
    answer: str
    reference: str
    missing: str
    consent: str
    signed: str
    checklist: tuple[CheckLine, ...]
    acts: tuple[Choice, ...]
    person: Row | None
    household: Row | None
    parts: tuple[CaseRow, ...]
    sync: RecordState


class Cases:
    """Got as ``desk.cases``."""

    def __init__(
        self,
        store: Store,
        labels: Labels,
        collect: Collect,
        photos: Photos,
        services: Services,
        papers: Papers,
    ) -> None:
        self._store = store
        self._labels = labels
        self._collect = collect
        self._photos = photos
        self._services = services
        self._papers = papers

    def rows(self, *, ended: bool = False, person: str | None = None) -> tuple[CaseRow, ...]:
        """Cases under way, those that wait for the worker first; with ``ended`` the others instead."""
        with self._store.lock:
            chosen = [
                view
                for view in filter(is_there, self._store.memory.views("case"))
                if (state_of(view.values) in ENDED) is ended and person in (None, view.values.get("person"))
            ]
            rows = [self._row(view) for view in chosen]
        return tuple(sorted(rows, key=lambda row: (not row.mine, row.due or "9999", row.id)))

    def sheet(self, id: str) -> CaseSheet:
        """One case in full. Raises NotFound."""
        with self._store.lock:
            view = self._find(id)
            values, row = view.values, self._row(view)
            service = self._service(values)
            lines = self._papers.checklist(view, service)
            return CaseSheet(
                id=id,
                title=row.title,
                department=service.department or "便民服务站",
                number=row.number,
                state=row.state,
                state_label=row.state_label,
                due=row.due,
                answer=str(values.get("answer") or ""),
                reference=str(values.get("reference") or ""),
                missing="、".join(
                    line.label for line in lines if line.material in _listed(values, "missing")
                ),
                consent=_consent(service, lines),
                signed=self._signed(values),
                checklist=lines,
                acts=tuple(Choice(act, ACTS[act]) for act in acts_in(row.state)),
                person=self._labels.referred(view, "person"),
                household=self._labels.referred(view, "household"),
                parts=tuple(self._row(other) for other in bundled(self._store.memory, view)),
                sync=view.state,
            )

    def offered(self, person: str, item: str = "") -> tuple[Service, ...]:
        """Give the services that may be begun for a person; with a task's matter those that answer it."""
        services = self._services.for_task(item) if item else ()
        running = {row.values.get("service") for row in self._running(person)}
        return tuple(
            service
            for service in services or self._services.all()
            if service.code not in running and not (service.parts and running.issuperset(service.parts))
        )

    def of_task(self, task: str) -> tuple[CaseRow, ...]:
        """Give the cases that came of a task, and the one that asked for it."""
        with self._store.lock:
            view = self._store.memory.view(task)
            asked = view.values.get("origin_ref") if view is not None else None
            views = filter(is_there, self._store.memory.views("case"))
            return tuple(
                self._row(each) for each in views if each.values.get("task") == task or each.id == asked
            )

    def for_task(self, task: str) -> tuple[str, tuple[Service, ...]]:
        """Give the person a task is about and the services to be begun for it; nothing where none is."""
        view = self._store.memory.view(task)
        if view is None or view.values.get("subject_kind") != "person":
            return "", ()
        person = str(view.values.get("subject") or "")
        item = str(view.values.get("item") or "")
        if self._store.memory.view(person) is None or not self._services.for_task(item):
            return "", ()
        return person, self.offered(person, item)

    def begin(self, service: str, person: str, *, task: str | None = None) -> tuple[Saved, ...]:
        """Begin a case for a person, or all cases of a bundle; what is under way already is left out.

        Each case goes with the open task that it answers, whichever of them it is begun from.

        Raises
        ------
        NotFound, Refused
            No such person or service; all of it is under way already.
        """
        known = self._services.get(service)
        if known is None or not known.enabled:
            raise Refused.because("service", "code", f"没有“{service[:20]}”这项代办事项，或已停办")
        whom = self._labels.find(person)
        if whom.kind != "person" or not is_open(whom):
            raise Refused.because("person", "reference", "办理对象：应为在册的人员")
        with self._store.lock:
            running = {view.values.get("service") for view in self._running(person)}
            wanted = [code for code in known.parts or (known.code,) if code not in running]
            if not wanted:
                raise Refused.because("service", "state", f"“{known.label}”已经在办，不必重复提出")
            lead = lead_of(self._running(person), known.code)
            return self._begin(known, wanted, whom, task, lead)

    def paper(self, id: str, material: str) -> Form:
        """Open the form of one of a case's materials, prefilled. Raises NotFound, Refused."""
        values = self._find(id).values
        service = self._service(values)
        if material not in (*service.needed, *service.optional):
            raise Refused.because("material", "code", f"“{service.label}”不需要这种材料：{material[:20]}")
        return self._papers.form(values, material)

    def sign(self, id: str, take: Take, *, by: str, relation: str = "") -> tuple[Saved, ...]:
        """Take the resident's signature of the mandate; one signature serves all cases of a bundle.

        ``take`` writes the picture, as a camera does.

        Raises
        ------
        NotFound, Refused
            Nobody named; the case is handed in already; the picture is none.
        """
        view = self._find(id)
        if not by.strip():
            raise Refused.because("consent_by", "required", "委托人：必填")
        lead = signed_on(self._store.memory, view)
        saved = []
        for each in filter(signable, (lead, *bundled(self._store.memory, lead))):
            form = self._collect.form("case", id=each.id)
            form.put("lead", lead.id if each.id != lead.id else None)
            form.put("consent_at", moment_now(self._store.clock))
            form.put("consent_by", by.strip())
            form.put("consent_relation", relation or None)
            if each.id == lead.id:
                form.put("signature", None)
                self._photos.take(form, "signature", take)
            saved.append(self._collect.save(form))
        return tuple(saved)

    def act(
        self,
        id: str,
        act: str,
        *,
        note: str = "",
        received_by: str = "",
        receipt: Take | None = None,
        words: Form | None = None,
    ) -> Saved:
        """Hand a case in, bring its result, tell of a refusal, or take it back for the resident.

        The draft of the ``words`` that were written for it goes as the step is stored.

        Raises
        ------
        NotFound, Refused
            The act does not lead on from where the case is; materials or signature are missing.
        """
        view = self._find(id)
        state = state_of(view.values)
        if act not in ACTS:
            raise Refused.because("act", "code", f"没有“{act[:20]}”这个办理动作")
        if state_after(state, act) == state:
            reason = act_problem(state, act) or f"代办件已经是“{STATES.get(state, state)}”"
            raise Refused.because("act", "state", reason)
        form = self._collect.form("case", id=id)
        form.draft = words.draft if words is not None else form.draft
        lines = self._materials(form, view) if act == HAND_IN else ()
        for name, value in (("act", act), ("act_at", moment_now(self._store.clock)), ("act_note", note)):
            form.put(name, value or None)
        if received_by:
            form.put("received_by", received_by.strip())
        if act == DELIVER and words is not None:
            form.put("receipt", words.values.get("receipt"))
        if receipt is not None:
            self._photos.take(form, "receipt", receipt)
        saved = self._collect.save(form)
        if act == HAND_IN:
            self._papers.note_handed_in(view, lines)
        return replace(saved, remarks=same_again(lines))

    def receipt(self, id: str) -> str:
        """Give the receipt for the resident, as lines of text that can be shown or printed."""
        sheet = self.sheet(id)
        seen = [line.label for line in sheet.checklist if line.paper]
        lines = [
            "代办回执",
            f"受理编号：{sheet.number or '（提交后由平台编号）'}",
            f"代办事项：{sheet.title}",
            f"办理部门：{sheet.department}",
            f"委托：{sheet.signed or '尚未委托'}",
            f"收到的材料：{'、'.join(seen) or '无'}",
            f"目前状态：{sheet.state_label}",
            f"办理期限：{sheet.due or '受理后确定'}",
        ]
        lines += [f"办理意见：{sheet.answer}"] if sheet.answer else []
        lines += [f"结果编号：{sheet.reference}"] if sheet.reference else []
        values = self._find(id).values
        if values.get("received_by"):
            lines.append(f"结果签收：{values['received_by']} {moment_text(values.get('act_at'))}")
        return "\n".join([*lines, "代办不收取任何费用。"])

    def _begin(
        self, service: Service, wanted: list[str], whom: View, task: str | None, lead: str | None
    ) -> tuple[Saved, ...]:
        saved: list[Saved] = []
        for code in wanted:
            part = self._services.get(code)
            form = self._collect.form("case", parent=whom.id)
            form.put("service", code)
            form.put("needed", list(part.needed) if part is not None and part.needed else None)
            form.put("task", self._task_for(part, whom.id, task) or (None if service.parts else task))
            if service.parts:
                form.put("bundle", service.code)
                form.put("lead", lead or (saved[0].id if saved else None))
            saved.append(self._collect.save(form))
        return tuple(saved)

    def _task_for(self, service: Service | None, person: str, task: str | None) -> str | None:
        """Give the open task about a person that a service answers: the one it is begun from, or another."""
        items = service.task_items if service is not None else ()
        tasks = [
            view
            for view in self._store.memory.views("task")
            if view.values.get("subject") == person
            and view.values.get("item") in items
            and str(view.values.get("state") or OPEN) in OPEN_STATES
        ]
        return min((view.id for view in tasks), key=lambda id: (id != task, id), default=None)

    def _materials(self, form: Form, view: View) -> tuple[CheckLine, ...]:
        service = self._service(view.values)
        lines = self._papers.checklist(view, service)
        missing = [line.label for line in lines if line.needed and not line.paper]
        problems = []
        if missing:
            problems.append(Problem("materials", "required", f"已验材料：还缺{'、'.join(missing)}"))
        if view.values.get("consent_at") is None:
            problems.append(Problem("signature", "required", "委托签名：请居民同意并签名后再提交"))
        if problems:
            raise Refused(problems)
        form.put("needed", list(service.needed) or None)
        form.put("materials", [line.material for line in lines if line.paper] or None)
        return lines

    def _find(self, id: str) -> View:
        view = self._store.memory.view(id)
        if view is None or view.kind != "case":
            raise NotFound(f"本机没有这个代办件：{id[:40]}")
        return view

    def _running(self, person: str) -> list[View]:
        views = self._store.memory.views("case")
        mine = [view for view in views if view.values.get("person") == person and is_open(view)]
        return [view for view in mine if state_of(view.values) not in ENDED]

    def _service(self, values: Values) -> Service:
        code = str(values.get("service") or "")
        return self._services.get(code) or Service(code, code, "", 0, (), (), (), (), enabled=False)

    def _row(self, view: View) -> CaseRow:
        values, state = view.values, state_of(view.values)
        person = self._labels.referred(view, "person")
        return CaseRow(
            id=view.id,
            title=self._service(values).label,
            subject=person.title if person is not None else "",
            door=self._labels.where(view),
            number=str(values.get("number") or ""),
            state=state,
            state_label=STATES.get(state, state),
            due=str(values.get("due_on") or "")[:_DAY],
            mine=state in AT_DOOR or view.state is RecordState.REFUSED,
            sync=view.state,
        )

    def _signed(self, values: Values) -> str:
        when = moment_text(values.get("consent_at"))
        return f"{values.get('consent_by') or ''} {when}".strip() if when else ""


def _listed(values: Values, name: str) -> tuple[str, ...]:
    value = values.get(name)
    return tuple(map(str, value)) if isinstance(value, list) else ()


def _consent(service: Service, lines: Iterable[CheckLine]) -> str:
    names = "、".join(line.label for line in lines if line.paper or line.needed)
    return consent_text(service.label, service.department, names)
