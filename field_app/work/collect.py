"""Collecting (采集): forms, drafts and saving into the outbox."""

from collections.abc import Mapping
from dataclasses import dataclass
from weakref import WeakValueDictionary

from field_app.store.offer import change_offer
from field_app.store.state import OPEN, Draft, RecordState, Values, View
from field_app.work.checks import label_of
from field_app.work.errors import NotFound, Refused, WorkError
from field_app.work.forms import Form, FormGround
from field_app.work.labels import is_open
from field_app.work.mandates import state_of
from field_app.work.rows import Saved
from field_app.work.task_state import is_done
from field_app.work.times import moment_now, moment_text
from governance.contract import KINDS, Kind, uuid7
from governance.contract.casework import ENDED

_SHARED = ("residence_kind", "nation", "residence_consistent", "registered_area", "registered_address")
"""What a household's members have in common, so that it is not asked again for one more."""

_BY_STEPS = frozenset({"case"})
"""Kinds that are begun and carried on step by step, not filled in as a form."""

_GONE = "（已不在本机）"

_NOW = {"event": "occurred_at", "visit": "visited_at"}


@dataclass(frozen=True, slots=True)
class KindChoice:
    """A kind the worker may add: ``under`` names the kind whose record must be chosen first.

    ``under`` is empty for kinds placed by their own point (building, thing, organisation, event).
    """

    kind: str
    label: str
    element: str
    under: str
    under_label: str


@dataclass(frozen=True, slots=True)
class DraftRow:
    """An unfinished form: ``when`` is a Shanghai time for people, ``stuck`` why nobody can go on with it.

    ``repairs`` says that it mends a step of a case that the hub refused, and is gone on with as a form.
    """

    draft: str
    kind: str
    record: str
    title: str
    when: str
    stuck: str = ""
    repairs: bool = False


class Collect:
    """Forms in, changes out; got as ``desk.collect``."""

    def __init__(self, ground: FormGround) -> None:
        self._ground = ground
        self._store = ground.store
        self._opened: WeakValueDictionary[str, Form] = WeakValueDictionary()

    def kinds(self, under: str | None = None) -> tuple[KindChoice, ...]:
        """Kinds that may be added here; with ``under`` (a record id) only those that hang on it."""
        above = self._ground.labels.find(under).kind if under is not None else None
        allowed = self._allowed()
        choices = [_choice(kind) for kind in KINDS.values() if kind.name in allowed and _by_form(kind)]
        return tuple(choice for choice in choices if above is None or choice.under == above)

    def form(self, kind: str, *, id: str | None = None, parent: str | None = None) -> Form:
        """Open a form: of a held record (``id``), or a new one under ``parent`` (a record id).

        A new person takes over what all members of the household share (residence, nation, address).

        Raises
        ------
        NotFound, Refused
            No such record; kind not allowed; parent of the wrong kind.
        """
        return self._edit(kind, id) if id is not None else self._new(kind, str(uuid7()), parent)

    def opened(self, kind: str, id: str) -> Form:
        """Go on with the draft of a record where there is one, else open its form."""
        draft = self._begun(kind, id)
        if draft is not None:
            return self.resume(draft.id)
        form = self._opened[id] = self.form(kind, id=id)
        return form

    def since(self, form: Form) -> Form:
        """Give with what a form that was left is gone on: another, its draft, what is held, or itself."""
        now = self._opened.get(form.id, form)
        try:
            return now if now is not form else self.opened(form.kind.name, form.id)
        except WorkError:
            return form

    def apart(self, form: Form) -> bool:
        """Whether a form that was kept was gone on with, or thrown away, elsewhere since."""
        draft = self._begun(form.kind.name, form.id)
        return (draft.body["put"] if draft is not None else {}) != (form.puts if form.changed else {})

    def _begun(self, kind: str, id: str) -> Draft | None:
        drafts = self._store.memory.drafts.values()
        begun = (each for each in drafts if (each.body.get("kind"), each.body.get("id")) == (kind, id))
        return next(begun, None)

    def new(self, kind: str, id: str) -> Form:
        """Open a form of a new record whose id was made elsewhere (UUIDv7)."""
        return self._new(kind, id, None)

    def inherit(self, form: Form) -> None:
        """Fill in what the household's members share, where the form of a new person is still empty."""
        household = form.values.get("household")
        if form.kind.name != "person" or not form.new or not isinstance(household, str):
            return
        for name, value in self._shared(household).items():
            if form.values.get(name) is None:
                form.put(name, value)

    def save(self, form: Form, *, position: Mapping[str, object] | None = None) -> Saved:
        """Store what was changed as a change in the outbox and drop the draft, in one transaction.

        Raises
        ------
        Refused
            With the problems, which also stand in ``form.fields``; nothing was stored.
        """
        with self._store.lock:
            problems = form.check()
            if problems:
                raise Refused(problems)
            remarks = self._remarks(form)
            values = form.stored()
            entry = change_offer(
                store=self._store,
                kind=form.kind.name,
                id=form.id,
                values=values,
                known=form.known(values),
                base=self._seen(form),
                position=position,
                draft=form.draft,
            )
            view = self._store.memory.view(form.id)
        state = view.state if view is not None else RecordState.HUB
        return Saved(form.id, entry.change if entry is not None else "", state, remarks)

    def _seen(self, form: Form) -> int | None:
        """Give the version that a form was filled in on: the first, where the hub only stored it since."""
        if form.base is not None or form.new:
            return form.base
        memory = self._store.memory
        makers = [each for each in memory.entries_of(form.id) if each.base is None and each.state in OPEN]
        return None if makers and form.id not in memory.held else 1

    def keep(self, form: Form) -> None:
        """Keep the form as a draft (on pause, on leaving the screen); cheap, call it often.

        What was taken back, so that saving would tell nothing, leaves no draft either.
        """
        known = self._store.memory.drafts.get(form.draft)
        if not form.changed:
            if known is not None:
                self.drop(form.draft)
            return
        puts = form.puts
        body = {"kind": form.kind.name, "id": form.id, "new": form.new, "base": form.base, "put": puts}
        if found := form.known(puts):
            body["known"] = found
        if form.located and form.placed():
            body["within"] = True
        if known is not None and known.body == body:
            return
        with self._store.write() as unit:
            unit.put_draft(Draft(form.draft, moment_now(self._store.clock), body))

    def drafts(self) -> tuple[DraftRow, ...]:
        """Unfinished forms, newest first."""
        rows = sorted(self._store.memory.drafts.values(), key=lambda draft: draft.id, reverse=True)
        return tuple(self._draft_row(draft) for draft in rows)

    def resume(self, draft: str) -> Form:
        """Open a kept draft, also one of a record that has left meanwhile: what was put in is still told.

        Raises
        ------
        NotFound, Refused
            No such draft; the kind is not the worker's any more.
        """
        kept = self._store.memory.drafts.get(draft)
        if kept is None:
            raise NotFound("没有这份草稿")
        kind, id, put = str(kept.body["kind"]), str(kept.body["id"]), kept.body["put"]
        base = kept.body.get("base")
        if self._store.memory.view(id) is not None:
            form = self._edit(kind, id, draft)
        elif kept.body["new"]:
            form = self._new(kind, id, None, draft)
        else:
            form = Form(self._ground, self._kind(kind), id=id, draft=draft, held={}, new=False)
        if "base" in kept.body:
            form.base = base if isinstance(base, int) else None
        for name, value in put.items() if isinstance(put, dict) else ():
            form.put(name, value)
        form.meet(within=bool(kept.body.get("within")))
        form.join(kept.body.get("known"))
        self._opened[id] = form
        return form

    def drop(self, draft: str) -> None:
        """Throw a draft away."""
        with self._store.write() as unit:
            unit.drop_draft(draft)

    def _edit(self, kind: str, id: str, draft: str | None = None) -> Form:
        view = self._ground.labels.find(id)
        if view.kind != kind:
            raise Refused.because("", "unknown_kind", f"这条记录是{KINDS[view.kind].label}，不是所给的种类")
        known = KINDS[kind]
        return Form(
            self._ground,
            known,
            id=id,
            draft=draft or str(uuid7()),
            held=_values(view, known),
            new=False,
            base=view.version if view.whole else view.entries[-1].base,
        )

    def _new(self, kind: str, id: str, parent: str | None, draft: str | None = None) -> Form:
        known = self._kind(kind)
        if not known.writable:
            raise Refused.because("", "right", f"{known.label}由平台下达，不能在本机新增")
        form = Form(self._ground, known, id=id, draft=draft or str(uuid7()), held={}, new=True)
        if parent is not None:
            self._hang(form, self._ground.labels.find(parent))
        grids = self._ground.grounds.codes()
        if known.located and grids:
            form.assume_grid(grids[0])
        if kind in _NOW:
            form.put(_NOW[kind], moment_now(self._store.clock))
        self.inherit(form)
        return form

    def _hang(self, form: Form, parent: View) -> None:
        """Put a new record under the one the worker came from."""
        anchor = form.kind.by_name.get(form.kind.anchor or "")
        if anchor is not None and parent.kind == anchor.target:
            form.put(anchor.name, parent.id)
            return
        for field in form.kind.references:
            if field.target == parent.kind:
                form.put(field.name, parent.id)
                if anchor is not None:
                    form.put(anchor.name, parent.values.get(anchor.name))
                return
        label = KINDS[parent.kind].label
        raise Refused.because("", "reference", f"{form.kind.label}不能建在{label}下")

    def _shared(self, household: str) -> Values:
        below = self._store.memory.below(household)
        members = [view for view in below if view.kind == "person" and is_open(view)]
        shared: dict[str, object] = {}
        for name in _SHARED:
            values = {value for view in members if isinstance(value := view.values.get(name), str)}
            if len(values) == 1:
                shared[name] = values.pop()
        return shared

    def _remarks(self, form: Form) -> tuple[str, ...]:
        """Say what the worker should know though it hinders nothing: the same citizen number held twice."""
        number = form.offered.get("citizen_number")
        if not isinstance(number, str) or form.kind.name != "person":
            return ()
        others = (view for view in self._store.memory.views("person") if view.id != form.id)
        twins = [view for view in others if view.values.get("citizen_number") == number]
        label = label_of(form.kind, "citizen_number")
        return (f"{label}：本网格已有同号的人员，两条都会保留并由平台核对",) if twins else ()

    def _kind(self, name: str) -> Kind:
        kind = KINDS.get(name)
        if kind is None or name not in self._allowed():
            raise Refused.because("", "unknown_kind", f"没有“{name[:40]}”这一种类，或您无权采集")
        return kind

    def _allowed(self) -> frozenset[str]:
        kinds = self._store.memory.meta.get("kinds")
        return frozenset(str(kind) for kind in kinds) if isinstance(kinds, list) else frozenset()

    def _draft_row(self, draft: Draft) -> DraftRow:
        kind_name, record = str(draft.body["kind"]), str(draft.body["id"])
        kind = KINDS.get(kind_name)
        view = self._store.memory.view(record)
        edits = view is not None or not draft.body["new"]
        name = self._ground.labels.title(view, masked=True) if view is not None and view.whole else _GONE
        label = kind.label if kind is not None else kind_name
        repairs = kind_name in _BY_STEPS and view is not None and view.state is RecordState.REFUSED
        return DraftRow(
            draft=draft.id,
            kind=kind_name,
            record=record,
            title=f"修改{label}：{name}" if edits else f"新增{label}",
            when=moment_text(draft.saved_at),
            stuck=self._stuck(kind, view, repairs=repairs),
            repairs=repairs,
        )

    def _stuck(self, kind: Kind | None, view: View | None, *, repairs: bool) -> str:
        """Say why a draft cannot be gone on with, or nothing."""
        if kind is None or kind.name not in self._allowed():
            return "您已无权采集这类记录"
        if _by_form(kind) or repairs:
            return ""
        if view is None or not view.whole:
            return f"这条{kind.label}已不在本机"
        told = view.state is RecordState.HUB  # until then a result may be changed
        ended = state_of(view.values) in ENDED if kind.name in _BY_STEPS else told and is_done(view)
        return f"这条{kind.label}已办结" if ended else ""


def _by_form(kind: Kind) -> bool:
    return kind.writable and kind.name not in _BY_STEPS


def _choice(kind: Kind) -> KindChoice:
    anchor = kind.by_name.get(kind.anchor or "")
    under = anchor.target if anchor is not None and anchor.target is not None else ""
    return KindChoice(kind.name, kind.label, kind.element, under, KINDS[under].label if under else "")


def _values(view: View, kind: Kind) -> Values:
    """Give the record's values, with the grid the hub names beside them."""
    if kind.located and view.grid and view.values.get("grid") is None:
        return {**view.values, "grid": view.grid}
    return view.values
