"""Commands on photos: add, list, get."""

from argparse import Namespace
from dataclasses import asdict

from field_app.cli import output
from field_app.cli.device import UsageError, unlock
from field_app.errors import reason_of
from field_app.work.desk import Desk
from field_app.work.errors import NotFound, Refused
from field_app.work.session import Session


def photo_run(session: Session, arguments: Namespace) -> int:
    """Add a photo to a record, list photos, or write one to a file."""
    for name in {"add": ("record", "file"), "get": ("photo", "file")}.get(arguments.action, ()):
        if getattr(arguments, name) is None:
            raise UsageError(f"photo {arguments.action} 需要{'文件' if name == 'file' else '--' + name}")
    unlock(session, arguments)
    return {"add": _add, "list": _list, "get": _get}[arguments.action](session, arguments)


def _add(session: Session, arguments: Namespace) -> int:
    desk = session.desk
    kind = desk.records.view(arguments.record).kind
    form = desk.collect.form(kind, id=arguments.record)
    id = desk.photos.add(form, arguments.field, arguments.file)
    saved = desk.collect.save(form)
    output.document(_json(desk, id) | {"change": saved.change})
    return 0


def _list(session: Session, arguments: Namespace) -> int:
    for row in session.desk.photos.rows(arguments.record):
        output.document(_json(session.desk, row.id))
    return 0


def _get(session: Session, arguments: Namespace) -> int:
    data = session.photo(arguments.photo)
    if data is None:
        raise NotFound("本机和平台都没有这张照片，或您无权查看")
    try:
        arguments.file.write_bytes(data)
    except OSError as error:
        raise Refused.because("", "type", f"{arguments.file} 写不下：{reason_of(error)}") from None
    output.document({"photo": arguments.photo, "file": str(arguments.file), "size": len(data)})
    return 0


def _json(desk: Desk, id: str) -> dict[str, object]:
    row = asdict(desk.photos.row(id))
    return {"photo": row.pop("id")} | row | {"state": row["state"].value}
