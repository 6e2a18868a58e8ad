"""What the database says of an account: posts, roles, rights, areas — in one statement.

Every request of a tablet begins with it, so it is plain SQL: building the same union from
querysets takes longer than all the rest of a sync that has nothing to do.
"""

import datetime
from collections import defaultdict

from django.db import connection

from governance.access.actor import CARE_RIGHTS
from governance.access.models.area import SERVE

_CARE = ", ".join(f"'{right.partition('.')[2]}'" for right in sorted(CARE_RIGHTS.values()))

_OWN = f"""
    SELECT CASE WHEN g.valid_to IS NULL THEN 'post' ELSE 'past' END AS what,
        p.grid || ':' || p.kind || ':' || COALESCE(CAST(p.ends_on AS text), '') AS fact
    FROM access_post p LEFT JOIN gridmap_grid g ON g.code = p.grid
    WHERE p.worker_id = %(user)s AND p.starts_on <= %(day)s AND (p.ends_on IS NULL OR p.ends_on >= %(day)s)
    UNION ALL
    SELECT 'role', g.name FROM auth_group g JOIN access_user_groups m ON m.group_id = g.id
    WHERE m.user_id = %(user)s
    UNION ALL
    SELECT 'right', t.app_label || '.' || p.codename
    FROM auth_permission p JOIN django_content_type t ON t.id = p.content_type_id
    WHERE ((t.app_label = 'access' AND t.model = 'ability') OR p.codename IN ({_CARE}))
    AND p.id IN (
        SELECT permission_id FROM access_user_user_permissions WHERE user_id = %(user)s
        UNION ALL
        SELECT r.permission_id FROM auth_group_permissions r
        JOIN access_user_groups m ON m.group_id = r.group_id WHERE m.user_id = %(user)s
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
    found: dict[str, set[str]] = defaultdict(set)
    with connection.cursor() as cursor:
        cursor.execute(_OWN + (_AREAS if with_areas else ""), {"user": user_id, "day": day.isoformat()})
        for what, fact in cursor.fetchall():
            found[what].add(fact)
    return found
