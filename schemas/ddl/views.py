"""The views that every warehouse gets: one definition, in the SQL of each engine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from schemas.ddl.columns import Column, column_at
from schemas.ddl.dialect import Dialect, listed

CONTEXT = (
    ("article_id",),
    ("version_id",),
    ("canonical_url",),
    ("source", "id"),
    ("source", "name"),
    ("source", "domain"),
    ("language",),
    ("headline",),
    ("section",),
    ("dateline",),
    ("published_at",),
    ("publication_date",),
    ("ingested_at",),
)
"""What a row of quotations or entities says of its article: who published it, when, where."""


@dataclass(frozen=True, slots=True)
class View:
    """A view: ``select`` without a semicolon."""

    name: str
    doc: str
    select: str


@dataclass(frozen=True, slots=True)
class Views:
    """Makes the views of one engine over the tables ``articles`` and ``outcomes``; ``prefix`` qualifies their names."""

    dialect: Dialect
    articles: str
    outcomes: str
    article_columns: tuple[Column, ...]
    outcome_columns: tuple[Column, ...]
    prefix: str = ""

    def all(self) -> list[View]:
        """In the order in which they can be made."""
        return [
            self._versions(),
            self._latest(),
            self._unique(),
            self._quotations(),
            self._entities(),
            self._mentions(),
            self._daily(),
        ]

    def _versions(self) -> View:
        select = self._newest(self.articles, self.article_columns, ("version_id", "version", "action"))
        doc = "Every version of every article once: the change stream, whatever was loaded twice"
        return View(self._name("article_versions"), doc, select)

    def _latest(self) -> View:
        select = self._newest(self.articles, self.article_columns, ("article_id",))
        doc = "Each article as it stands now; what its publisher took away is not here"
        return View(self._name("articles_latest"), doc, f"{select} AND {self.dialect.quoted('action')} <> 'DELETE'")

    def _unique(self) -> View:
        columns = listed([self._top("a", column.name) for column in self.article_columns])
        select = f"SELECT\n{columns}\nFROM {self._latest_as_a()}\nWHERE {self._is_original()}"
        doc = "Each story once: without exact, near and syndicated copies"
        return View(self._name("articles_unique"), doc, select)

    def _quotations(self) -> View:
        quotations = column_at(self.article_columns, ("quotations",))
        q = self.dialect.item("q")
        picked = [*self._context(), *self._items(q, quotations, "quotation_id"), self._copy_flag()]
        select = f"SELECT\n{listed(picked)}\nFROM {self._latest_as_a()}\n{self._unnest('quotations', 'q')}"
        return View(self._name("quotations"), "Who said what, when, where: one row a quotation", select)

    def _entities(self) -> View:
        entities = column_at(self.article_columns, ("entities",))
        e = self.dialect.item("e")
        mentions = self.dialect.size(self.dialect.member(e, column_at(entities.fields, ("mentions",))))
        count = f"{mentions} AS {self.dialect.quoted('mention_count')}"
        picked = [*self._context(), *self._items(e, entities, "entity_id"), count, self._copy_flag()]
        select = f"SELECT\n{listed(picked)}\nFROM {self._latest_as_a()}\n{self._unnest('entities', 'e')}"
        return View(self._name("entities"), "Who and what an article names: one row an entity of an article", select)

    def _mentions(self) -> View:
        entities = column_at(self.article_columns, ("entities",))
        mentions = column_at(entities.fields, ("mentions",))
        e, m = self.dialect.item("e"), self.dialect.item("m")
        of_entity = self._items(e, entities, "entity_id")
        picked = [*self._context(), *of_entity, *self._items(m, mentions, "mention_id")]
        joined = self.dialect.unnest_both(
            self._latest_as_a(), (self._top("a", "entities"), "e"), (self.dialect.member(e, mentions), "m")
        )
        select = f"SELECT\n{listed(picked)}\nFROM {joined}"
        return View(self._name("entity_mentions"), "Every place that names an entity: one row a mention", select)

    def _daily(self) -> View:
        names = ("source_id", "stage", "outcome", "ok", "retryable")
        quoted = [self.dialect.quoted(name) for name in names]
        day = f"{self.dialect.day(self.dialect.quoted('at'))} AS {self.dialect.quoted('day')}"
        once = self._newest(self.outcomes, self.outcome_columns, ("run_id", "url"), ("at",))
        count = f"COUNT(*) AS {self.dialect.quoted('urls')}"
        select = f"SELECT\n{listed([*quoted, day, count])}\nFROM (\n{once}\n) AS once\nGROUP BY 1, 2, 3, 4, 5, 6"
        return View(self._name("outcomes_daily"), "What became of the URLs of each source, by UTC day", select)

    def _newest(
        self,
        relation: str,
        columns: Sequence[Column],
        key: tuple[str, ...],
        order: tuple[str, ...] = ("version", "ingested_at", "version_id"),
    ) -> str:
        """One row for each ``key``: the last by ``order``."""
        quoted = self.dialect.quoted
        last = ", ".join(f"{quoted(name)} DESC" for name in order)
        by = ", ".join(quoted(name) for name in key)
        lines = [
            "SELECT",
            listed([quoted(column.name) for column in columns]),
            "FROM (",
            f"  SELECT *, ROW_NUMBER() OVER (PARTITION BY {by} ORDER BY {last}) AS newest",
            f"  FROM {self.dialect.relation(relation)}",
            ") AS ranked",
            "WHERE newest = 1",
        ]
        return "\n".join(lines)

    def _context(self) -> list[str]:
        picked = []
        for path in CONTEXT:
            value = self._top("a", path[0])
            if path[1:]:
                value = self.dialect.member(value, column_at(self.article_columns, path))
            picked.append(f"{value} AS {self.dialect.quoted('_'.join(path))}")
        return picked

    def _items(self, owner: str, array: Column, id_name: str) -> list[str]:
        """The fields of an item; its ``id`` gets a name of its own, and arrays of records have views of theirs."""
        names = {"id": id_name}
        return [
            f"{self.dialect.member(owner, field)} AS {self.dialect.quoted(names.get(field.name, field.name))}"
            for field in array.fields
            if not (field.repeated and field.fields)
        ]

    def _copy_flag(self) -> str:
        return f"NOT ({self._is_original()}) AS {self.dialect.quoted('is_copy')}"

    def _is_original(self) -> str:
        kind = column_at(self.article_columns, ("duplicate", "kind"))
        return f"{self.dialect.member(self._top('a', 'duplicate'), kind)} IS NULL"

    def _unnest(self, array: str, alias: str) -> str:
        return self.dialect.unnest(self._top("a", array), alias)

    def _latest_as_a(self) -> str:
        return f"{self.dialect.relation(self._name('articles_latest'))} AS a"

    def _top(self, relation: str, name: str) -> str:
        return f"{relation}.{self.dialect.quoted(name)}"

    def _name(self, view: str) -> str:
        return f"{self.prefix}{view}"
