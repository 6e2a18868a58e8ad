"""All presenters of an unlocked tablet in one hand."""

from dataclasses import dataclass

from field_app.store.store import Store
from field_app.work.cases import Cases
from field_app.work.codes import Codes
from field_app.work.collect import Collect
from field_app.work.find import Find
from field_app.work.forms import FormGround
from field_app.work.grounds import Grounds
from field_app.work.homes import Homes
from field_app.work.labels import Labels
from field_app.work.outbox import OutboxView
from field_app.work.papers import Papers
from field_app.work.photos import Photos
from field_app.work.places import Places
from field_app.work.records import Records
from field_app.work.route import Route
from field_app.work.services import Services
from field_app.work.story import Story
from field_app.work.tasks import Tasks
from field_app.work.today import Today


@dataclass(frozen=True, slots=True)
class Desk:
    """The presenters, by name; see each module."""

    today: Today
    tasks: Tasks
    route: Route
    collect: Collect
    homes: Homes
    records: Records
    find: Find
    places: Places
    outbox: OutboxView
    codes: Codes
    photos: Photos
    services: Services
    cases: Cases


def desk_make(store: Store) -> Desk:
    """Set up the presenters on an unlocked store."""
    codes = Codes(store)
    labels = Labels(store, codes)
    grounds = Grounds(store)
    collect = Collect(FormGround(store, codes, labels, grounds))
    homes = Homes(store, labels)
    tasks = Tasks(store, labels, codes, collect)
    story = Story(store, labels)
    outbox = OutboxView(store, labels, collect, story)
    photos, services = Photos(store, labels), Services(store)
    papers = Papers(store, codes, collect)
    return Desk(
        today=Today(store, tasks, outbox),
        tasks=tasks,
        route=Route(store, labels, tasks),
        collect=collect,
        homes=homes,
        records=Records(store, labels, codes, collect, homes, story),
        find=Find(store, labels),
        places=Places(store, labels, grounds),
        outbox=outbox,
        codes=codes,
        photos=photos,
        services=services,
        cases=Cases(store, labels, collect, photos, services, papers),
    )
