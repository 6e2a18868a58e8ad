"""Walking the chains (审计核验): is every link there and unchanged, does the head match."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from governance.audit.links import FIRST, link_hash
from governance.audit.models import AuditEntry, AuditHead

_CHUNK = 2000


@dataclass(frozen=True, slots=True)
class Break:
    """The first broken link of a chain; ``what`` says in Chinese what is wrong at ``seq``."""

    chain: str
    seq: int
    what: str


@dataclass(frozen=True, slots=True)
class Walked:
    """How a chain was found: its number of links and the first broken one, if any."""

    chain: str
    links: int
    broken: Break | None


def chains() -> Iterator[str]:
    """Give the names of all chains, headless ones too, without holding them all."""
    yield from AuditHead.objects.order_by("chain").values_list("chain", flat=True).iterator(_CHUNK)
    heads = AuditHead.objects.filter(chain=OuterRef("chain"))
    headless = AuditEntry.objects.filter(~Exists(heads)).order_by("chain").values_list("chain", flat=True)
    yield from headless.distinct().iterator(_CHUNK)


def chain_walk(chain: str) -> Walked:
    """Verify one chain in constant memory; what is appended meanwhile is no fault.

    The head is read before and after: its first state must be among the links, and no link may lie
    beyond its second.
    """
    before = AuditHead.objects.filter(chain=chain).first()
    seq, previous, links = 0, FIRST, 0
    for entry in AuditEntry.objects.filter(chain=chain).order_by("seq").iterator(_CHUNK):
        what = _fault(entry, seq, previous)
        if not what and before and entry.seq == before.seq and entry.hash != before.hash:
            what = "链头所记摘要与本条不符"
        if what:
            return Walked(chain, links, Break(chain, entry.seq, what))
        seq, previous, links = entry.seq, entry.hash, links + 1
    return Walked(chain, links, _end(chain, before, seq))


def _fault(entry: AuditEntry, seq: int, previous: str) -> str:
    if entry.seq != seq + 1:
        return f"缺少第{seq + 1}条，其后直接是第{entry.seq}条"
    if entry.previous != previous:
        return "所记的前一摘要与前一条不符"
    if entry.hash != link_hash(entry.previous, vars(entry)):
        return "内容与摘要不符，记录被改动"
    return ""


def _end(chain: str, before: AuditHead | None, seq: int) -> Break | None:
    after = AuditHead.objects.filter(chain=chain).first()
    if before is None or after is None:
        return Break(chain, seq, "链头缺失")
    if seq < before.seq:
        return Break(chain, seq + 1, f"链尾缺失：链头记到第{before.seq}条，最后一条是第{seq}条")
    if seq > after.seq:
        return Break(chain, after.seq + 1, f"链头落后：链头记到第{after.seq}条，却有第{seq}条")
    return None
