"""What the database says of an account: posts, roles, rights, areas — in one statement.

Every request of a tablet begins with it, so it is plain SQL: building the same union from
querysets takes longer than all the rest of a sync that has nothing to do.
"""

import datetime
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db import connection
from django.utils import timezone

from governance.access.actor import CARE_RIGHTS
from governance.access.models.area import SERVE

HOLDER = "holder"
_CARE = ", ".join(f"'{right.partition('.')[2]}'" for right in sorted(CARE_RIGHTS.values()))


def _own(user: str) -> str:
    """Give the statement of what the account ``user``, an expression, holds by itself and by its roles."""
    return f"""
    SELECT CASE WHEN g.valid_to IS NULL THEN 'post' ELSE 'past' END AS what,
        p.grid || ':' || p.kind || ':' || COALESCE(CAST(p.ends_on AS text), '') AS fact
    FROM access_post p LEFT JOIN gridmap_grid g ON g.code = p.grid
    WHERE p.worker_id = {user} AND p.starts_on <= %(day)s AND (p.ends_on IS NULL OR p.ends_on >= %(day)s)
    UNION ALL
    SELECT 'role', g.name FROM auth_group g JOIN access_user_groups m ON m.group_id = g.id
    WHERE m.user_id = {user}
    UNION ALL
    SELECT 'right', t.app_label || '.' || p.codename
    FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
    WHERE ((t.app_label = 'access' AND t.model = 'ability') OR p.codename IN ({_CARE}))
    AND p.id IN (
        SELECT permission_id FROM access_user_user_permissions WHERE user_id = {user}
        UNION ALL
        SELECT r.permission_id FROM auth_group_permissions r
        JOIN access_user_groups m ON m.group_id = r.group_id WHERE m.user_id = {user}
    )
    """


def _area(what: str, fact: str, area: str, holder: str) -> str:
    """Give the part of the statement that reads granted areas of one table."""
    mine = {
        "user": "r.user_id = %(user)s",
        "group": "r.group_id IN (SELECT group_id FROM access_user_groups WHERE user_id = %(user)s)",
    }[holder]
    return f"""
    UNION ALL
    SELECT '{what}', {fact} FROM access_{what}{holder}right r
    JOIN auth_permission p ON p.id = r.permission_id AND p.codename = '{SERVE}'
    JOIN gridmap_{area} a ON a.code = r.content_object_id
    WHERE {mine}"""


_AREAS = "".join(
    _area(what, fact, what, holder)
    for what, fact in (("division", "a.code || ':' || a.level"), ("grid", "a.code"))
    for holder in ("user", "group")
)


_OF_ACCOUNT = _own("%(user)s")

_OF_DEVICE = f"""
    WITH holder AS (
        SELECT d.id, d.worker_id, u.username, u.is_active, d.revoked_at IS NOT NULL AS revoked,
            d.last_seen_at IS NULL OR d.last_seen_at NOT BETWEEN %(before)s AND %(now)s AS unseen
        FROM access_device d JOIN access_user u ON u.id = d.worker_id
        WHERE d.token_hash = %(digest)s AND ((d.revoked_at IS NULL AND u.is_active) OR d.push_until > %(now)s)
    )
    SELECT '{HOLDER}', CAST(id AS text) || ' ' || CAST(worker_id AS text) || ' '
        || CASE WHEN is_active THEN '1' ELSE '0' END || CASE WHEN revoked THEN '1' ELSE '0' END
        || CASE WHEN unseen THEN '1' ELSE '0' END || ' ' || username
    FROM holder
    UNION ALL {_own("(SELECT worker_id FROM holder)")}
"""


def facts_of(user_id: int, day: datetime.date, *, with_areas: bool) -> dict[str, set[str]]:
    """Gather an account's facts on an Asia/Shanghai day.

    Parameters
    ----------
    user_id : int
    day : date
    with_areas : bool
        Also the areas granted to the account or its roles.

    Returns
    -------
    dict
        ``post`` → ``grid:kind:last day`` of the posts of that day, ``past`` → the same of those whose grid
        the map has closed, ``grid`` → grid codes, ``division`` → ``code:level``, ``role`` → group names,
        ``right`` → ``app.codename``.
    """
    statement = _OF_ACCOUNT + (_AREAS if with_areas else "")
    return _gathered(statement, {"user": user_id, "day": day.isoformat()})


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose token it is; ``unseen`` says that the device's last sight should be noted again."""

    device: UUID
    worker: int
    username: str
    active: bool
    revoked: bool
    unseen: bool


def device_facts(
    digest: str, now: datetime.datetime, seen_every: datetime.timedelta
) -> tuple[Holder | None, dict[str, set[str]]]:
    """Gather whose token this is and his facts, without areas, in one statement.

    Parameters
    ----------
    digest : str
        Of the token.
    now : datetime
    seen_every : timedelta
        How old the note of a device's last sight may grow.

    Returns
    -------
    Holder or None
        None where the token is of no device in use, nor of one that may still hand in work.
    dict
        As of :func:`facts_of`.
    """
    adapt = connection.ops.adapt_datetimefield_value
    day = timezone.localdate(now).isoformat()
    values = {"digest": digest, "before": adapt(now - seen_every), "now": adapt(now), "day": day}
    facts = _gathered(_OF_DEVICE, values)
    found = facts.pop(HOLDER, None)
    return (_holder(found.pop()) if found else None), facts


def _holder(fact: str) -> Holder:
    device, worker, flags, username = fact.split(" ", 3)
    active, revoked, unseen = (flag == "1" for flag in flags)
    return Holder(UUID(device), int(worker), username, active, revoked, unseen)


def _gathered(statement: str, values: Mapping[str, str | int | None]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        for what, fact in cursor.fetchall():
            found[what].add(fact)
    return found
