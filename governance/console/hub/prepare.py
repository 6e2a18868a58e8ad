"""Make the database ready: tables and standing data, from divisions to stations. Safe to repeat."""

from collections.abc import Callable

from django.conf import settings
from django.core.management import call_command

from governance.access.actor import HUB
from governance.access.services.roles import roles_sync
from governance.feed.selectors import epoch
from governance.records.models import CodeList
from governance.records.services.lists import codelists_load
from governance.rules.calendar_services import calendar_seed
from governance.rules.loading import rules_load
from governance.tasks.cases.catalogue import services_load
from governance.tasks.centres.services import stations_make
from governance.tasks.models import Station
from governance.tasks.plans.levels import levels_load
from gridmap.models import Division

Say = Callable[[str], None]


def hub_prepare(say: Say) -> None:
    """Bring tables and standing data up to date; what is there already stays.

    Parameters
    ----------
    say : callable
        Takes lines of progress, Chinese.
    """
    call_command("migrate", verbosity=0, interactive=False)
    if not Division.objects.exists():
        call_command("divisions_load", verbosity=0)
        say(f"已载入行政区划 {Division.objects.count()} 个")
    new = codelists_load(actor=HUB, folder=settings.FIXTURES / "codes")
    if new:
        say(f"已载入代码表 {CodeList.objects.count()} 个")
    roles_sync()
    calendar_seed(actor=HUB)
    rules_load(actor=HUB, folder=settings.FIXTURES / "rules")
    services_load(actor=HUB, folder=settings.FIXTURES / "services")
    if not Station.objects.exists():
        say(f"已设立中心（站） {stations_make(actor=HUB, area='')} 个")
    levels_load(actor=HUB, folder=settings.FIXTURES / "plans")
    epoch()
