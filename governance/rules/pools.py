"""Related records counted for everybody at once (合并计数): one pass for all conditions on the same ones.

Who lives alone, who lives among elders only, and how many children a home has are all told by one pass over
the people by household, whatever number of rules asks.
"""

from dataclasses import dataclass, field

from django.db import connection

from governance.contract import Kind
from governance.rules.frames import Frame, Sql, live


@dataclass(slots=True)
class Pool:
    """Records of one kind by the record that a column of theirs points at, and what is asked of them."""

    name: str
    back: str
    frame: Frame
    asked: list[Sql] = field(default_factory=list)

    def column(self) -> str:
        """Give the SQL of the column that the records are grouped by."""
        return f'{self.frame.alias}."{self.back}"'

    def holds(self, key: str, having: Sql) -> Sql:
        """Give the condition that something holds for the group of the record that ``key`` names."""
        if having not in self.asked:
            self.asked.append(having)
        ids = f"SELECT id FROM {self.name} WHERE c{self.asked.index(having)}"
        # As an array, whose length nobody estimates, they lead by the key's index to the few records.
        return Sql(f"{key} = ANY(ARRAY({ids}))" if connection.vendor == "postgresql" else f"{key} IN ({ids})")

    def sql(self) -> Sql:
        """Give the pass itself: of every group that anything holds for, its id and what holds."""
        key, frame = self.column(), self.frame
        wanted = ", ".join(f"({each.text}) AS c{place}" for place, each in enumerate(self.asked))
        any_ = " OR ".join(f"c{place}" for place in range(len(self.asked)))
        text = (
            f"SELECT {key} AS id, {wanted} FROM {frame.source}"
            f" WHERE {live(frame.kind, frame.alias)} AND {key} IS NOT NULL GROUP BY {key}"
        )
        # Each condition is said once, as two of bound values are computed twice; SQLite knows it by its name.
        named = connection.vendor != "postgresql"
        text = f"{text} HAVING {any_}" if named else f"SELECT * FROM ({text}) g WHERE {any_}"
        values = tuple(value for each in self.asked for value in each.values)
        return Sql(f"{self.name} AS MATERIALIZED ({text})", values)


@dataclass(slots=True)
class Pools:
    """The passes of one statement, whose ``WITH`` they belong into."""

    held: dict[tuple[str, str], Pool] = field(default_factory=dict)

    def of(self, kind: Kind, back: str) -> Pool:
        """Give the pass over records of a kind by a column."""
        number = len(self.held)
        return self.held.setdefault((kind.name, back), Pool(f"h{number}", back, Frame(kind, f"p{number}")))

    def within(self, query: Sql) -> Sql:
        """Put the passes before a query that asks them."""
        parts = [pool.sql() for pool in self.held.values()]
        if not parts:
            return query
        text = ", ".join(part.text for part in parts)
        values = tuple(value for part in parts for value in part.values)
        return Sql(f"WITH {text} SELECT * FROM ({query.text}) w", (*values, *query.values))
