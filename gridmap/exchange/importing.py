"""Importing a file of grids: all of it or nothing."""

import math
from pathlib import Path

from django.db import transaction

from gridmap.exchange.faults import Fault, FaultKind, ImportReport
from gridmap.exchange.features import features_read
from gridmap.exchange.reading import table_read
from gridmap.exchange.together import Stored, together_judge
from gridmap.services import MapError, grids_replace


def grids_import(*, path: Path, crs: str = "", encoding: str = "", check_only: bool = False) -> ImportReport:
    """Check a file and, if it is faultless, make its grids the current ones of their communities.

    The file holds all grids of every community that it names: grids there that are not in it are closed.

    Parameters
    ----------
    path : Path
        ``.gpkg``, ``.shp``, ``.geojson`` or ``.json``.
    crs : str
        One of :data:`gridmap.crs.CRS_CODES`; "" to go by the file.
    encoding : str
        Encoding of a Shapefile's text; "" to find out.
    check_only : bool
        Only report.

    Returns
    -------
    ImportReport
        With every fault; if there is any, nothing was stored.
    """
    table = table_read(path, crs, encoding)
    report = ImportReport(path.name, table.crs, len(table.shapes), list(table.faults))
    features = features_read(table, path.name)
    with transaction.atomic():
        report.faults += together_judge(features, Stored(features)) if features else []
        report.faults += [fault for feature in features for fault in feature.faults]
        report.faults.sort(key=_reading_order)
        if report.faults or check_only:
            return report
        try:
            with transaction.atomic():
                report.replaced = grids_replace(drafts=[feature.draft() for feature in features])
        except MapError as error:
            report.faults.append(Fault(FaultKind.OVERLAP, str(error)))
    return report


def _reading_order(fault: Fault) -> tuple[bool, float]:
    """Put what concerns the whole file first, then feature by feature, then what lies between them."""
    whole = fault.kind in {FaultKind.FILE, FaultKind.COLUMNS, FaultKind.CRS}
    return not whole, math.inf if fault.feature is None else fault.feature
