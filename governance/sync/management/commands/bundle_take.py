"""Take in bundles that came on a stick."""

from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from governance.access.actor import HUB
from governance.access.errors import Refused
from governance.contract.envelope import MAX_FILE, order_key
from governance.records.files.storage import file_write
from governance.sync.bundles.take import PURPOSE, bundle_take


class Command(BaseCommand):
    """``manage.py bundle_take FILE… --receipts DIR``."""

    help = "收下终端导出的数据包，把回执写到目录中，再带回给终端；同一数据包可重复收"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take files and folder."""
        parser.add_argument("files", nargs="+", type=Path, metavar="文件", help="终端导出的 .bundle 文件")
        parser.add_argument("--receipts", type=Path, required=True, metavar="目录", help="回执写到这里")

    def handle(self, *args: Any, **options: Any) -> None:
        """Take each; one that is refused does not keep the others back."""
        folder: Path = options["receipts"]
        _make(folder)
        found = [(path, _read(path)) for path in options["files"]]
        found.sort(key=lambda file: order_key(file[1]))
        alike = Counter(path.name for path, _ in found)
        refused = 0
        for number, (path, data) in enumerate(found, 1):
            before = f"{number}-" if alike[path.name] > 1 else ""  # neither's receipt is lost
            refused += not self._one(path, data, folder / f"{before}{path.name}.receipt")
        if refused:
            raise CommandError(f"{refused}个文件没有收下，其余的已收下")

    def _one(self, path: Path, data: bytes, receipt: Path) -> bool:
        try:
            taken = bundle_take(carrier=HUB.for_purpose(PURPOSE), data=data)
        except Refused as error:
            self.stderr.write(f"{path.name}：{error.reason}")
            return False
        _write(receipt, taken.receipt)
        count = sum(taken.statuses.values())
        photos = f"、照片已存{taken.files.get('stored', 0)}张" if taken.files else ""
        self.stdout.write(
            f"{path.name}：{taken.worker}（{taken.device}）{count}条{photos}，回执 {receipt.name}"
        )
        return True


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_FILE + 1)
    except OSError as error:
        raise CommandError(f"{path.name} 读不出：{error.strerror}") from error


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise CommandError(f"回执目录 {folder} 建不成：{error.strerror}") from error


def _write(receipt: Path, data: bytes) -> None:
    """Write a receipt, whole: what lies beside a bundle stands for its having been handed in."""
    try:
        file_write(receipt, data)
    except OSError as error:
        raise CommandError(f"{receipt} 写不下：{error.strerror}；再收一次会得到同样的答复") from error
