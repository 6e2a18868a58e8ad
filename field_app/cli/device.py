"""Commands on the tablet itself: enrol, status, sync, pin."""

import getpass
import os
import sys
from argparse import Namespace
from collections import Counter
from dataclasses import asdict

from field_app.cli import output
from field_app.errors import TabletError
from field_app.work.session import Identity, Session, SessionState
from field_app.work.tasks import When


class UsageError(TabletError):
    """Something that must be given is missing; ends with exit code 2."""


def enrol_run(session: Session, arguments: Namespace) -> int:
    """Register the tablet at the hub."""
    pin = secret_given(arguments.pin, "FIELD_APP_PIN", "PIN（6位以上数字）", "--pin")
    password = secret_given(arguments.password, "FIELD_APP_PASSWORD", "平台密码", "--password")
    remarks = session.enrol(
        hub=arguments.hub,
        username=arguments.username,
        password=password,
        device=arguments.device,
        pin=pin,
        erase=arguments.erase,
    )
    output.document(_identity_json(session.identity))
    output.say("登记完成，请同步以下载本网格的数据")
    for remark in remarks:
        output.say(remark)
    return 0


def status_run(session: Session, arguments: Namespace) -> int:
    """Print where things stand; an unenrolled tablet needs no PIN."""
    if session.state is SessionState.EMPTY:
        output.document({"state": session.state.value})
        output.say("本机还没有登记")
        return 0
    unlock(session, arguments)
    desk, meta = session.desk, session.meta
    counts = desk.outbox.counts()
    overview = desk.today.overview()
    output.document(
        {"state": session.state.value}
        | _identity_json(session.identity)
        | {"unsent": counts.unsent, "here": counts.here, "sent": counts.sent}
        | {"exported": session.carry.waiting()}
        | {"refused": counts.refused, "contested": counts.contested, "drafts": overview.drafts}
        | {"photos": asdict(desk.photos.counts())}
        | {"tasks": sum(len(group.rows) for group in overview.groups if group.when is not When.DONE)}
        | {"records": dict(Counter(desk.records.kinds_held()))}
        | {"last_sync": meta.get("last_sync"), "cursor": meta.get("cursor"), "epoch": meta.get("epoch")}
        | {"trouble": meta.get("trouble"), "clock_off": desk.today.clock_off()}
        | {"damaged": desk.today.damaged()}
    )
    for line in filter(None, (overview.notice, overview.clock)):
        output.say(line)
    return 0


def sync_run(session: Session, arguments: Namespace) -> int:
    """Push and pull."""
    unlock(session, arguments)
    report = session.sync(None if arguments.quiet else output.say)
    output.document(
        {
            "pushed": dict(report.pushed),
            "pulled": report.pulled,
            "bytes_up": report.bytes_up,
            "bytes_down": report.bytes_down,
            "refused": report.refused,
            "contested": report.contested,
            "photos": report.photos.as_json(),
            "unsent": session.desk.outbox.counts().unsent,
        }
    )
    output.say(report.text)
    if report.photos.note:
        output.say(report.photos.note)
    return 0


def pin_run(session: Session, arguments: Namespace) -> int:
    """Change the PIN."""
    old = secret_given(arguments.pin, "FIELD_APP_PIN", "旧 PIN", "--pin")
    new = secret_given(arguments.new, "FIELD_APP_NEW_PIN", "新 PIN", "--new")
    session.change_pin(old, new)
    output.document({"changed": True})
    output.say("PIN 已更换")
    return 0


def unlock(session: Session, arguments: Namespace) -> None:
    """Open the store with the PIN given; tells an unenrolled tablet so before asking for one."""
    if session.state is SessionState.LOCKED:
        session.unlock(secret_given(arguments.pin, "FIELD_APP_PIN", "PIN", "--pin"))


def secret_given(option: str | None, variable: str, label: str, name: str) -> str:
    """Take a secret from its option, its variable or the terminal. Raises UsageError."""
    value = option if option is not None else os.environ.get(variable)
    if value is not None:
        return value
    if not sys.stdin.isatty():
        raise UsageError(f"需要{label}：请用环境变量 {variable} 或 {name} 给出")
    return getpass.getpass(f"{label}：")


def _identity_json(identity: Identity | None) -> dict[str, object]:
    if identity is None:
        return {}
    return {
        "hub": identity.hub,
        "device": identity.device,
        "device_name": identity.device_name,
        "worker": {"username": identity.username, "name": identity.name},
        "grids": [{"code": code, "name": name} for code, name in identity.grids],
        "kinds": list(identity.kinds),
        "revoked": identity.revoked,
    }
