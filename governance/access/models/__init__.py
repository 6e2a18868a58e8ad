"""Accounts, departments, posts, devices, area rights (账号、部门、岗位、终端、区域授权)."""

from governance.access.models.ability import Ability
from governance.access.models.account import Department, User
from governance.access.models.area import (
    DivisionGroupRight,
    DivisionUserRight,
    GridGroupRight,
    GridUserRight,
)
from governance.access.models.device import Device
from governance.access.models.handover import Handover
from governance.access.models.outside import OutsideKey
from governance.access.models.post import Post
from governance.access.models.session import AccountSession
from governance.access.models.throttle import Throttle

__all__ = [
    "Ability",
    "AccountSession",
    "Department",
    "Device",
    "DivisionGroupRight",
    "DivisionUserRight",
    "GridGroupRight",
    "GridUserRight",
    "Handover",
    "OutsideKey",
    "Post",
    "Throttle",
    "User",
]
