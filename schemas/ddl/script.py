"""The whole script of one engine: tables, loading, views."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from schemas.ddl.bigquery import BigQuery
from schemas.ddl.clickhouse import ClickHouse
from schemas.ddl.columns import columns_of, walk
from schemas.ddl.dialect import Dialect, Table
from schemas.ddl.duckdb import DuckDB
from schemas.ddl.snowflake import Snowflake
from schemas.ddl.spark import Spark
from schemas.ddl.views import View, Views
from schemas.registry import ARTICLE, OUTCOME, schema_source
from schemas.released import released_schema

ENGINES: Mapping[str, Callable[[], Dialect]] = {
    "bigquery": BigQuery,
    "clickhouse": ClickHouse,
    "duckdb": DuckDB,
    "snowflake": Snowflake,
    "spark": Spark,
}


@dataclass(frozen=True, slots=True)
class Names:
    """What the tables are called; ``dataset`` stands before every table and view, empty where there is none."""

    articles: str = "articles"
    outcomes: str = "outcomes"
    dataset: str = ""

    @property
    def prefix(self) -> str:
        """The dataset with its dot."""
        return f"{self.dataset}." if self.dataset else ""


@dataclass(frozen=True, slots=True)
class Script:
    """The statements of one engine, each with its semicolon; ``loads`` is empty where no output was named."""

    preamble: tuple[str, ...]
    tables: tuple[str, ...]
    loads: tuple[str, ...]
    views: tuple[str, ...]

    def __str__(self) -> str:
        comments = "\n".join(f"-- {line}" for line in self.preamble)
        return "\n\n".join([comments, *self.tables, *self.loads, *self.views]) + "\n"


def script(engine: str, names: Names | None = None, output: str | None = None) -> Script:
    """The script of ``engine``.  ``output`` is where newsbeam wrote; with it come the statements that load from there.

    Raises KeyError for another engine, and ValueError where a table would have the name of a view.
    """
    names = names or Names()
    dialect = ENGINES[engine]()
    tables, views = tables_of(names, output), views_of(dialect, names)
    _check_names([table.name for table in tables] + [view.name for view in views])
    return Script(
        preamble=tuple(dialect.preamble),
        tables=tuple(dialect.table(table) for table in tables),
        loads=tuple(dialect.load(table) for table in tables) if output else (),
        views=tuple(dialect.view(view.name, view.doc, view.select) for view in views),
    )


def script_from(version: str, engine: str, names: Names | None = None) -> Script:
    """What brings tables that were made for the release ``version`` to today: columns that were added, then the views.

    A field that is new inside a record is named in a comment: few engines can add one.  Raises KeyError as `script`.
    """
    names = names or Names()
    dialect = ENGINES[engine]()
    older, newer = tables_of(names, source=partial(released_schema, version)), tables_of(names)
    whole = script(engine, names)
    added, inside = [], []
    for before, after in zip(older, newer, strict=True):
        known = dict(walk(before.columns))
        added += [dialect.added(after.name, column) for column in after.columns if column.name not in tops(before)]
        inside += [
            f"{after.name}: {path} is new inside a record; make the table anew, and load its files again"
            for path, _ in walk(after.columns)
            if path not in known and path.split(".")[0].removesuffix("[]") in tops(before)
        ]
    return Script((*dialect.preamble, f"From schema {version}.", *inside), tuple(added), (), whole.views)


def tops(table: Table) -> set[str]:
    """The names of a table's own columns."""
    return {column.name for column in table.columns}


def tables_of(
    names: Names, output: str | None = None, source: Callable[[str], dict[str, Any]] = schema_source
) -> list[Table]:
    """The two tables, their files below ``output``; ``source`` gives the schemas by name."""
    article, outcome = source(ARTICLE), source(OUTCOME)
    return [
        Table(
            name=names.prefix + names.articles,
            doc=article["doc"],
            columns=columns_of(article),
            partition="publication_date",
            cluster=("language", "article_id"),
            key=("article_id", "version_id", "version", "action"),
            location=f"{output}/articles" if output else "",
        ),
        Table(
            name=names.prefix + names.outcomes,
            doc=outcome["doc"],
            columns=columns_of(outcome),
            partition="at",
            cluster=("source_id", "outcome"),
            key=("run_id", "url"),
            location=f"{output}/outcomes" if output else "",
        ),
    ]


def views_of(dialect: Dialect, names: Names) -> list[View]:
    """The views, in the order in which they can be made."""
    articles, outcomes = tables_of(names)
    return Views(dialect, articles.name, outcomes.name, articles.columns, outcomes.columns, names.prefix).all()


def _check_names(names: list[str]) -> None:
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{', '.join(twice)}: a table and a view of one name")
