"""Loading the city's divisions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import shapely
from django.db import transaction
from shapely import Polygon

from gridmap.divisions import Community
from gridmap.drafts import polygon_to_wkb
from gridmap.models import Division, Level
from gridmap.services.stamp import stamp_lock, stamp_next

BATCH = 500


@dataclass(frozen=True, slots=True)
class DivisionsLoaded:
    """How many divisions were new, were changed, and were as they are."""

    created: int
    changed: int
    unchanged: int


@transaction.atomic
def divisions_load(
    *, communities: Sequence[Community], outlines: Mapping[str, Polygon], city_name: str
) -> DivisionsLoaded:
    """Create or bring up to date the city, its counties, towns and communities.

    Divisions that the file does not name stay as they are. Loading the same again changes nothing.

    Parameters
    ----------
    communities : sequence of Community
        All of one city.
    outlines : mapping
        County code → polygon in EPSG:4490, a coverage; the city's outline is their union.
    city_name : str
        Chinese name of the city.
    """
    stamp_lock()
    wanted = {item.code: item for item in _divisions(communities, outlines, city_name)}
    stored = Division.objects.in_bulk()
    new = [item for code, item in wanted.items() if code not in stored]
    changed = [
        item for code, item in wanted.items() if code in stored and _facts(item) != _facts(stored[code])
    ]
    if new or changed:
        stamp_next()
        Division.objects.bulk_create(
            [*new, *changed],
            batch_size=BATCH,
            update_conflicts=True,
            unique_fields=["code"],
            update_fields=["name", "level", "parent", "outline"],
        )
    return DivisionsLoaded(len(new), len(changed), len(wanted) - len(new) - len(changed))


def _facts(item: Division) -> tuple[object, ...]:
    return item.name, item.level, item.parent_id, item.outline and bytes(item.outline)


def _divisions(
    communities: Sequence[Community], outlines: Mapping[str, Polygon], city_name: str
) -> list[Division]:
    city = f"{communities[0].code[:4]}00"
    whole = shapely.union_all(list(outlines.values())) if outlines else None
    found = {city: Division(code=city, name=city_name, level=Level.CITY, outline=_wkb(whole))}
    for item in communities:
        county, town = item.code[:6], item.code[:9]
        if county not in found:
            outline = _wkb(outlines.get(county))
            found[county] = Division(
                code=county, name=item.county, level=Level.COUNTY, parent_id=city, outline=outline
            )
        if town not in found:
            found[town] = Division(code=town, name=item.town, level=Level.TOWN, parent_id=county)
        found[item.code] = Division(code=item.code, name=item.name, level=Level.COMMUNITY, parent_id=town)
    return sorted(found.values(), key=lambda item: (item.level, item.code))


def _wkb(polygon: Polygon | None) -> bytes | None:
    return None if polygon is None else polygon_to_wkb(polygon)
