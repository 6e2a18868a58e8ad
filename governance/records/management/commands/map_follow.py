"""``manage.py map_follow``: let records and posts follow grids that were split, merged or redrawn."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from governance.access.services.handover import posts_planned
from governance.records.services.follow_map import map_steps
from governance.records.succession import change_of, grids_unfollowed, moves_counted


class Command(BaseCommand):
    """Move what has to move, step by step; or only say what would."""

    help = (
        "网格拆分、合并、重划后，把记录和岗位迁到新网格（任务进程会自动做；中断后再运行会接着做）；"
        "加 --preview 只统计将迁移的记录和岗位"
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the options."""
        parser.add_argument("--preview", action="store_true", help="只统计，不迁移")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run."""
        if options["preview"]:
            self._preview()
            return
        moved = 0
        for step in map_steps():
            moved += step.moved
            if step.done is not None:
                state = "已迁完" if step.done else "还有记录未迁，请再运行"
                self.stdout.write(f"{step.grid} {state}，累计{moved}条")
        self.stdout.write(f"共迁移{moved}条记录")

    def _preview(self) -> None:
        changes = [change_of(grid, stamp) for grid, stamp in grids_unfollowed()]
        for change in changes:
            for (kind, to), number in sorted(moves_counted(change).items()):
                self.stdout.write(f"{change.grid} → {to or '（待定）'} {kind} {number}条")
        for passing in posts_planned([change.grid for change in changes if change.closed]):
            kind = "主责" if passing.kind == "main" else "代班"
            self.stdout.write(f"岗位 {passing.post.worker} {passing.post.grid} → {passing.grid} {kind}")
        if not changes:
            self.stdout.write("没有待迁移的网格")
