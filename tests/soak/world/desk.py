"""What staff decide by chance: differences, late work in the inbox, tasks, codes out of use."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from django.utils import timezone

from governance.access.actor import HUB
from governance.access.errors import NotPossible
from governance.records.codes import book
from governance.records.models import CodeList, Contested, Inbox
from governance.records.selectors import inbox_seen
from governance.records.services.inbox import inbox_decline, inbox_take
from governance.records.services.lists import codelist_save
from governance.tasks.cycle.reports import second_reports_tell
from governance.tasks.cycle.services import assignees_release, task_make, tasks_assign, tasks_take_back
from governance.tasks.wanted import Wanted
from governance.verify.services import difference_settle
from tests.soak.world import forms
from tests.soak.world.model import Model
from tests.soak.world.network import Network
from tests.soak.world.tablet import OFFERED_AGAIN, Tablet
from tests.soak.world.town import Town

ABILITIES = frozenset({"settle_differences", "plan_tasks"})


class Desk:
    """Acts at the hub; each says in a few words what it did, or nothing if there was nothing to do."""

    def __init__(self, town: Town, chance: random.Random, model: Callable[[], Model]) -> None:
        self.network: Network
        self._actor = replace(town.staff["worker"].actor, abilities=ABILITIES)
        self._users = sorted(town.users)
        self._chance = chance
        self._model = model

    def difference(self, _: Tablet | None = None) -> str:
        """Decide a difference."""
        waiting = list(Contested.objects.filter(settled_at=None).order_by("pk"))
        if not waiting:
            return ""
        row, accept = self._chance.choice(waiting), self._chance.random() < 0.6
        try:
            difference_settle(actor=self._actor, contested=row, accept=accept)
        except NotPossible as error:
            return f"cannot settle {row}: {error}"
        if accept and self._said(str(row.record), row.field) != row.offered:
            self.network.wrong.append(f"accepted and not written: {row} {row.offered}")
        return f"{'accepts' if accept else 'declines'} {row} {row.offered}"

    def _said(self, id_: str, name: str) -> object:
        row = self._model().rows[id_]
        return row.grid if name == "grid" else row.values.get(name)

    def inbox(self, _: Tablet | None = None) -> str:
        """Decide some of what was refused."""
        waiting = inbox_seen(self._actor).filter(status="rejected", settled_at=None)
        keys = [str(key) for key in waiting.order_by("at", "change").values_list("pk", flat=True)]
        keys = [key for key in keys if self._chance.random() < 0.6]
        if not keys:
            return ""
        ids = [UUID(key) for key in keys]
        if self._chance.random() < 0.2:
            inbox_decline(actor=self._actor, changes=ids)
            self._model().settle(keys)
            return f"declines {len(keys)} late changes"
        OFFERED_AGAIN.update(str(self._model().inbox[key].change["id"]) for key in keys)
        done = inbox_take(actor=self._actor, changes=ids)
        taken = {
            str(key) for key in Inbox.objects.filter(pk__in=ids, taken=True).values_list("pk", flat=True)
        }
        expected = self._model().take(keys)
        if taken != expected or done.count != len(taken):
            self.network.wrong.append(f"inbox: {sorted(taken)} taken, expected {sorted(expected)}, {done}")
        return f"takes {len(taken)} of {len(keys)} late changes {done.refused}"

    # -- tasks ----------------------------------------------------------------------------------

    def give(self, _: Tablet | None = None) -> str:
        """Make a task, give one on, or take one back."""
        tasks = [row for row in self._model().rows.values() if row.kind.name == "task" and not row.deleted]
        if not tasks or self._chance.random() < 0.4:
            return self._make()
        task, day = self._chance.choice(tasks), timezone.localdate()
        ids = [UUID(task.id)]
        try:
            if self._chance.random() < 0.2:
                done = tasks_take_back(actor=self._actor, tasks=ids, reason="撤回", day=day)
                return f"takes task {task.id[-4:]} back: {done}"
            to, note = self._assignee(), self._chance.choice(("", "请再办"))
            done = tasks_assign(actor=self._actor, tasks=ids, assignee=to, note=note, day=day)
        except NotPossible as error:
            return f"not possible: {error}"
        return f"gives task {task.id[-4:]} to {to or 'the post'}: {done}"

    def _make(self) -> str:
        rows = self._model().rows.values()
        homes = [row for row in rows if row.kind.name in ("household", "person") and row.open]
        if not homes:
            return ""
        row, day = self._chance.choice(homes), timezone.localdate()
        home = row.id if row.kind.name == "household" else row.values["household"]
        number = sum(each.kind.name == "task" for each in rows)
        wanted = Wanted(
            occasion=f"staff:{number}-{row.id}", origin="staff", origin_ref="1", item="核实", title="核实",
            reason="核实", grid=row.grid, household=UUID(home), subject_kind=row.kind.name,
            subject=UUID(row.id), opens_on=day, due_on=day + timedelta(days=5), assignee=self._assignee(),
        )  # fmt: skip
        try:
            made = task_make(actor=self._actor, wanted=wanted, day=day)
        except NotPossible as error:
            return f"cannot make a task: {error}"
        return f"makes task {str(made.task)[-4:]} for {row.kind.name} {row.id[-4:]} in {row.grid}"

    def _assignee(self) -> str:
        return self._chance.choice(("", "", *(f"user:{name}" for name in self._users)))

    def daily(self, _: Tablet | None = None) -> str:
        """Do what is done of tasks once a day."""
        day = timezone.localdate()
        return f"{assignees_release(day)} tasks back, {second_reports_tell(day)} told of a second report"

    # -- codes ----------------------------------------------------------------------------------

    def codes(self, _: Tablet | None = None) -> str:
        """Take a code out of use, or back into it."""
        name = self._chance.choice(forms.RETIRED)
        key, retired = (name, forms.code(name)), self._model().retired
        retired ^= {key}
        items = [replace(item, retired=(name, item.code) in retired) for item in book()[name].values()]
        held = CodeList.objects.get(pk=name)
        codelist_save(actor=HUB, name=name, label=held.label, confirmed=held.confirmed, items=items)
        return f"{name} {key[1]} is {'out of' if key in retired else 'in'} use"
