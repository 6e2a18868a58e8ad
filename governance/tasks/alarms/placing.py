"""Where an alarm is and who is concerned (告警定位)."""

from dataclasses import dataclass
from uuid import UUID

from governance.records.models import Household, Person
from governance.tasks.alarms.reading import Report
from governance.tasks.models import AlarmSource, CallDevice
from gridmap.crs import to_4490
from gridmap.locate import map_now
from gridmap.selectors import code_range


@dataclass(frozen=True, slots=True)
class Spot:
    """A grid, and as far as known whose door or which point (EPSG:4490) in it."""

    grid: str
    subject_kind: str = ""
    subject: UUID | None = None
    household: UUID | None = None
    lon: float | None = None
    lat: float | None = None


def spot_of(source: AlarmSource, report: Report) -> Spot | None:
    """Find where an alarm is: by its call device, the citizen number, the point; None where nothing helps.

    Nothing outside the source's area is found.
    """
    return (
        _by_device(source, report.device)
        or person_spot(source, citizen_number=report.citizen_number)
        or _by_point(source, report)
    )


def person_spot(source: AlarmSource, **chosen: object) -> Spot | None:
    """Find a person's door within a source's area; of several records with one number the newest."""
    if not all(chosen.values()):
        return None
    rows = Person.objects.filter(deleted=False, closed_on=None, grid__range=code_range(source.area), **chosen)
    found = rows.order_by("-updated_at").values_list("id", "household_id", "grid").first()
    return Spot(found[2], "person", found[0], found[1]) if found else None


def household_spot(source: AlarmSource, household: str) -> Spot | None:
    """Find a household within a source's area."""
    rows = Household.objects.filter(deleted=False, closed_on=None, grid__range=code_range(source.area))
    found = rows.filter(pk=household).values_list("id", "grid").first()
    return Spot(found[1], "household", found[0], found[0]) if found else None


def _by_device(source: AlarmSource, number: str) -> Spot | None:
    if not number:
        return None
    device = CallDevice.objects.filter(source=source, number=number, removed_at=None).first()
    if device is None:
        return None
    if device.subject_kind == "person":
        return person_spot(source, pk=device.subject)
    return household_spot(source, device.subject)


def _by_point(source: AlarmSource, report: Report) -> Spot | None:
    if report.lon is None or report.lat is None:
        return None
    lon, lat = to_4490(float(report.lon), float(report.lat), report.crs)
    grid = map_now().grid_at(lon, lat)
    if grid is None or not grid.startswith(source.area):
        return None
    return Spot(grid, lon=round(lon, 7), lat=round(lat, 7))
