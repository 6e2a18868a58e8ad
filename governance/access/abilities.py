"""The platform's own permissions (权限), beside Django's per-model ones: ``access.<name>``."""

ABILITIES: dict[str, str] = {
    "read_records": "查看基础数据",
    "write_records": "采集登记基础数据",
    "reveal_values": "查看完整信息",
    "settle_differences": "处理数据差异",
    "import_data": "导入数据",
    "export_data": "导出数据",
    "carry_bundles": "代交离线数据包",
    "take_events": "受理事件",
    "dispatch_events": "派遣事件",
    "command_events": "指挥督办",
    "handle_events": "处置事件",
    "plan_tasks": "布置任务",
    "handle_cases": "窗口办理代办件",
    "help_out": "志愿服务",
    "define_items": "提出部门事项",
    "admit_items": "审核部门事项",
    "place_alarms": "处置外部告警",
    "pull_published": "使用部门数据接口",
    "offer_data": "提供部门数据",
    "manage_system": "管理平台设置",
    "manage_accounts": "管理账号与权限",
    "read_audit": "查阅审计",
}
"""Ability → Chinese name. Which role has which: :mod:`governance.access.roles`."""
