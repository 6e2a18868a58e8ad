"""What people at the hub do by chance: edit, move, close, withdraw, change posts, rights and the map."""

import random
from collections.abc import Callable, Mapping, Sequence

from shapely import box

from field_app.sync.errors import SyncError
from governance.access.actor import CARE_KINDS, HUB
from governance.access.models import Device, Post, User
from governance.access.services.accounts import account_rights_set
from governance.access.services.devices import device_revoke
from governance.records.services.follow_map import grids_follow_map
from gridmap.services.reshape import Part, grid_merge, grid_split
from tests import factories
from tests.soak.world import forms
from tests.soak.world.model import Model
from tests.soak.world.network import Network
from tests.soak.world.strips import Box
from tests.soak.world.tablet import Tablet
from tests.soak.world.terms import Row
from tests.soak.world.town import Town, day, written

WRITERS = ("hub", "worker", "worker", "market", "health")
LOST = 0.3
AT_ONCE = 0.5
"""How often the records follow the map at once, and not only when a tablet asks or all is over."""

WIDE = 0.003
"""Degrees that a grid must be wide to be split."""

NEAR = 0.001
"""Degrees that lie at least between a new border and whatever has a point."""


class Office:
    """Acts at the hub; each says in a few words what it did, or nothing if there was nothing to do."""

    def __init__(
        self, town: Town, chance: random.Random, model: Callable[[], Model], text: Callable[[], str]
    ) -> None:
        self.network: Network
        self._town = town
        self._chance = chance
        self._model = model
        self._text = text
        self._days = 1

    # -- records --------------------------------------------------------------------------------

    def staff_edit(self, _: Tablet | None = None) -> str:
        """Somebody changes a value: the hub itself, staff, or a department."""
        row = self._some(lambda row: row.open and row.kind.name in forms.REQUIRED)
        if row is None:
            return ""
        name = self._chance.choice(forms.edited(row.kind.name))
        return self._write(self._chance.choice(WRITERS), row, {name: self._text()})

    def contradict(self, tablet: Tablet) -> str:
        """Somebody changes what a worker saved last."""
        id_, name, _ = tablet.saved[-1] if tablet.saved else ("", "", None)
        row = self._model().rows.get(id_)
        if row is None or not row.open or row.kind.name not in forms.REQUIRED:
            return ""
        return self._write(self._chance.choice(WRITERS), row, {name: self._text()})

    def staff_move(self, _: Tablet | None = None) -> str:
        """Staff move a household to another room."""
        row = self._some(lambda row: row.open and row.kind.name == "household")
        room = self._some(lambda row: row.open and row.kind.name == "room")
        return self._write("worker", row, {"room": room.id}) if row and room else ""

    def staff_close(self, _: Tablet | None = None) -> str:
        """A record is closed."""
        row = self._some(lambda row: row.open and row.kind.name in ("person", "organisation", "household"))
        if row is None:
            return ""
        reason = factories.close_reason(row.kind.name)
        return self._write("hub", row, {"closed_on": "2026-01-31", "closed_reason": reason})

    def staff_withdraw(self, _: Tablet | None = None) -> str:
        """Staff take a record back."""
        row = self._some(lambda row: row.open and row.kind.name in forms.REQUIRED)
        return self._write("worker", row, {}, delete=True) if row else ""

    def _some(self, fits: Callable[[Row], bool]) -> Row | None:
        rows = [row for row in self._model().rows.values() if fits(row)]
        return self._chance.choice(rows) if rows else None

    def _write(self, by: str, row: Row, values: dict[str, str], *, delete: bool = False) -> str:
        change = factories.change(row.kind.name, row.id, base=row.version, **values)
        change.delete = delete
        self.network.wrong += written(self._model(), self._town.staff[by], [change])
        return f"{by} sets {values or 'withdrawn'} of {row.kind.name} {row.id[-4:]}"

    # -- posts, rights and tablets ----------------------------------------------------------------------

    def post(self, tablet: Tablet) -> str:
        """End one of a worker's posts if he has others, or let him stand in somewhere."""
        mine, grids = self._served(tablet), sorted(self._model().map.boxes)
        if len(mine) > 1 and self._chance.random() < 0.6:
            return self._end(tablet, self._chance.choice(sorted(mine)))
        free = [code for code in grids if code not in mine]
        return self._begin(tablet, self._chance.choice(free)) if free else ""

    def recall(self, tablet: Tablet) -> str:
        """End a post by mistake and give it back a moment later; the tablet may ask once or twice between."""
        mine = self._served(tablet)
        if len(mine) < 2:
            return ""
        grid = self._chance.choice(sorted(mine))
        self._end(tablet, grid)
        self.glance(tablet)
        self._begin(tablet, grid)
        return f"for a moment no longer serves {grid}"

    def glance(self, tablet: Tablet) -> str:
        """Let a tablet sync while the line holds for a request or two."""
        self.network.left = self._chance.randint(1, 3)
        try:
            tablet.session.sync()
        except SyncError:
            return "syncs until the line breaks"
        finally:
            self.network.left = None
        return "syncs quickly"

    def _served(self, tablet: Tablet) -> set[str]:
        """Give the grids in force that a worker serves."""
        model = self._model()
        return model.posts[self._town.users[tablet.user]] & model.map.boxes.keys()

    def _end(self, tablet: Tablet, grid: str) -> str:
        user = self._town.users[tablet.user]
        self._days += 1
        ended = {"starts_on": day(self._days), "ends_on": day(self._days)}
        Post.objects.filter(worker=user, grid=grid, ends_on=None).update(**ended)
        self._model().posts[user].discard(grid)
        return f"no longer serves {grid}"

    def _begin(self, tablet: Tablet, grid: str) -> str:
        user = self._town.users[tablet.user]
        self._days += 1
        Post.objects.create(worker_id=user, grid=grid, starts_on=day(self._days), kind="stand_in")
        self._model().posts[user].add(grid)
        return f"stands in on {grid}"

    def right(self, tablet: Tablet) -> str:
        """Take a worker's right to a care register that somebody is on, or give one back."""
        user, model = self._town.users[tablet.user], self._model()
        barred = model.barred[user]
        there = {row.kind.name for row in model.rows.values() if row.kind.right}
        kind = self._chance.choice(sorted(barred if barred and self._chance.random() < 0.5 else there))
        barred ^= {kind}
        account_rights_set(actor=HUB, user=User.objects.get(pk=user), kinds=CARE_KINDS - barred)
        return f"{'loses' if kind in barred else 'gets'} the right to {kind}"

    def revoke(self, tablet: Tablet) -> str:
        """Take a worker's tablets out of use: retired they may still hand in work, lost ones may not."""
        user, lost = self._town.users[tablet.user], self._chance.random() < LOST
        found = Device.objects.filter(worker=user, revoked_at=None)
        for device in found if not lost else Device.objects.filter(worker=user):
            device_revoke(actor=HUB, device=device, lost=lost)
        model = self._model()
        if lost:
            model.devices = {key: each for key, each in model.devices.items() if each[0] != user}
        return f"is {'lost' if lost else 'retired'}"

    # -- the map --------------------------------------------------------------------------------

    def split(self, _: Tablet) -> str:
        """Split a grid in two, where nothing lies on the new border."""
        grids_follow_map()
        model = self._model()
        points = {row.values["lon"] for row in model.rows.values() if "lon" in row.values}
        points |= {model.map.middle(code)[0] for code in (*model.map.boxes, *model.map.closed)}
        places = [
            (code, round(west + (east - west) * share, 6))
            for code, (west, _, east, _) in sorted(model.map.boxes.items())
            for share in (0.35, 0.65)
            if east - west > WIDE
        ]
        places = [(code, at) for code, at in places if all(abs(point - at) > NEAR for point in points)]
        if not places:
            return ""
        code, at = self._chance.choice(places)
        halves = model.map.halves(code, at)
        new = grid_split(code=code, parts=[Part(box(*half), 1) for half in halves])
        self._replaced([code], {grid.code: half for grid, half in zip(new, halves, strict=True)})
        return f"{code} is split"

    def merge(self, _: Tablet) -> str:
        """Merge two grids that meet."""
        grids_follow_map()
        pairs = self._model().map.neighbours()
        if len(pairs) < 2:
            return ""
        pair = self._chance.choice(pairs)
        boxes = [self._model().map.boxes[code] for code in pair]
        new = grid_merge(codes=pair)
        self._replaced(pair, {new.code: (*boxes[0][:2], *boxes[1][2:])})
        return f"{pair[0]} and {pair[1]} are merged"

    def _replaced(self, old: Sequence[str], new: Mapping[str, Box]) -> None:
        self._model().map.replace(old, new)
        if self._chance.random() < AT_ONCE:
            grids_follow_map()
