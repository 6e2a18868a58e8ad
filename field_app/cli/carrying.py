"""Commands for days without network: export, hand-in, receipt."""

from argparse import Namespace
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from field_app.cli import output
from field_app.cli.device import unlock
from field_app.errors import TabletError
from field_app.work.carry import in_order
from field_app.work.session import Session


def export_run(session: Session, arguments: Namespace) -> int:
    """Write the outbox as a bundle."""
    unlock(session, arguments)
    exported = session.carry.export(arguments.out)
    output.document(
        {
            "bundle": exported.bundle,
            "files": [str(path) for path in exported.files],
            "changes": exported.changes,
            "photos": exported.photos,
            "photos_left": exported.photos_left,
            "unsent": session.desk.outbox.counts().unsent,
        }
    )
    output.say(exported.text)
    return 0


def hand_in_run(session: Session, arguments: Namespace) -> int:
    """Hand bundles in; each is taken or refused by itself."""
    unlock(session, arguments)
    return _each(in_order(arguments.files), partial(_hand_in, session))


def receipt_run(session: Session, arguments: Namespace) -> int:
    """Take receipts in, each by itself: another tablet's may lie on the same stick."""
    unlock(session, arguments)
    return _each(arguments.files, partial(_receipt, session))


def _each(files: Sequence[Path], act: Callable[[Path], None]) -> int:
    refused = 0
    for file in files:
        try:
            act(file)
        except TabletError as error:
            refused += 1
            output.document({"file": str(file), "receipt": None, "reason": str(error)})
            output.say(f"{file.name}：{error}")
    return 1 if refused else 0


def _hand_in(session: Session, file: Path) -> None:
    done = session.carry.hand_in(file)
    output.document(
        {
            "file": str(file),
            "receipt": str(done.receipt),
            "device": done.device,
            "bundle": done.bundle,
            "part": done.part,
            "parts": done.parts,
        }
    )
    output.say(f"{file.name} 已交到平台，请把 {done.receipt.name} 带回给导出它的平板")


def _receipt(session: Session, file: Path) -> None:
    taken = session.carry.receipt(file)
    report = taken.report
    output.document(
        {
            "file": str(file),
            "bundle": taken.bundle,
            "part": taken.part,
            "parts": taken.parts,
            "settled": dict(report.pushed),
            "known": taken.known,
            "photos": taken.photos,
            "refused": report.refused,
            "contested": report.contested,
            "unsent": session.desk.outbox.counts().unsent,
        }
    )
    output.say(f"{file.name} 已读入：{taken.text}")
