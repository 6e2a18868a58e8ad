"""The registries, code lists and inbox in the console (登记簿、代码、收件箱)."""

from django.contrib import admin

from governance.records.admin.codes import CodeListAdmin
from governance.records.admin.inbox import InboxAdmin
from governance.records.admin.switches import SwitchAdmin
from governance.records.models import (
    Building,
    CareCorrection,
    CareDisability,
    CareDrug,
    CareHardship,
    CareLeftBehind,
    CareMental,
    CarePregnancy,
    CareRelease,
    CareYouth,
    CodeList,
    Household,
    Inbox,
    Organisation,
    Person,
    Room,
    Switch,
    Thing,
)
from governance.records.registry.admin import RecordAdmin

admin.site.register([Person, Household, Building, Room, Organisation, Thing], RecordAdmin)
admin.site.register(
    [
        CareHardship,
        CareLeftBehind,
        CareMental,
        CareDrug,
        CareCorrection,
        CareRelease,
        CareYouth,
        CarePregnancy,
        CareDisability,
    ],
    RecordAdmin,
)
admin.site.register(CodeList, CodeListAdmin)
admin.site.register(Switch, SwitchAdmin)
admin.site.register(Inbox, InboxAdmin)
