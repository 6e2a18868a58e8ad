"""Care registers (特殊关怀名册): each behind its own right, serving visits and services only."""

from governance.records.models.base import Record, contract_model


@contract_model("care_hardship")
class CareHardship(Record):
    """People in hardship 困难人群."""

    class Meta(Record.Meta):
        permissions = [("see_care_hardship", "可办理困难人群关怀")]


@contract_model("care_left_behind")
class CareLeftBehind(Record):
    """Left-behind elders, women and children 留守人员."""

    class Meta(Record.Meta):
        permissions = [("see_care_left_behind", "可办理留守人员关怀")]


@contract_model("care_mental")
class CareMental(Record):
    """Patients with severe mental disorders 严重精神障碍患者."""

    class Meta(Record.Meta):
        permissions = [("see_care_mental", "可办理严重精神障碍患者关怀")]


@contract_model("care_drug")
class CareDrug(Record):
    """People in drug rehabilitation 戒毒康复人员."""

    class Meta(Record.Meta):
        permissions = [("see_care_drug", "可办理戒毒康复关怀")]


@contract_model("care_correction")
class CareCorrection(Record):
    """People in community correction 社区矫正对象."""

    class Meta(Record.Meta):
        permissions = [("see_care_correction", "可办理社区矫正帮扶")]


@contract_model("care_release")
class CareRelease(Record):
    """Released people being resettled 安置帮教人员."""

    class Meta(Record.Meta):
        permissions = [("see_care_release", "可办理安置帮教")]


@contract_model("care_youth")
class CareYouth(Record):
    """Young people in need of care 重点青少年."""

    class Meta(Record.Meta):
        permissions = [("see_care_youth", "可办理重点青少年关怀")]


@contract_model("care_pregnancy")
class CarePregnancy(Record):
    """Expectant and new mothers 孕产妇."""

    class Meta(Record.Meta):
        permissions = [("see_care_pregnancy", "可办理孕产妇关怀")]


@contract_model("care_disability")
class CareDisability(Record):
    """People with a disability certificate 残疾人."""

    class Meta(Record.Meta):
        permissions = [("see_care_disability", "可办理残疾人关怀")]
