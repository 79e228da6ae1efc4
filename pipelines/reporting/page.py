"""The page: one HTML file that loads nothing, from a template that escapes everything.

What strangers wrote reaches it on two ways: through the template, which escapes it, and as JSON in a data block, whose
``<`` is written as an escape, and which the page's script puts on the screen as text and never as HTML.  The
Content-Security-Policy names the page's own script and style by digest and allows nothing else.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from pipelines.reporting import words
from pipelines.reporting.charts import charts
from pipelines.reporting.gathering import Report
from pipelines.shown import harmless
from transforms.core.reporting.advice import verdict
from transforms.core.reporting.figures import SourceFigures
from transforms.core.reporting.links import web_link

SOURCES_SHOWN = 100

SCRIPTS = ("chart.umd.min.js", "report.js")
STYLES = ("report.css",)

SOURCE_MAP = re.compile(r"^//# sourceMappingURL=.*$", re.MULTILINE)

POLICY = (
    "default-src 'none'; script-src {scripts}; style-src {styles}; img-src data:; base-uri 'none'; form-action 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
"""Nothing is loaded, sent or framed, and no string becomes HTML: https://www.w3.org/TR/CSP3, .../trusted-types."""


def html_page(report: Report) -> bytes:
    """The whole page."""
    figures = report.figures
    scripts, styles = [_asset(name) for name in SCRIPTS], [_asset(name) for name in STYLES]
    drawn = charts(figures)
    text = (
        _environment()
        .get_template("report.html.j2")
        .render(
            report=report,
            figures=figures,
            totals=figures.totals,
            verdict=verdict(figures),
            charts=drawn,
            names={source.source_id: source.name for source in figures.sources},
            sources=ill_first(figures.sources)[:SOURCES_SHOWN],
            scripts=[Markup(script) for script in scripts],  # noqa: S704 - our own files
            styles=[Markup(style) for style in styles],  # noqa: S704 - our own files
            policy=POLICY.format(scripts=_digests(scripts), styles=_digests(styles)),
            data={
                "charts": data_block(json.dumps([asdict(chart) for chart in drawn.values()], ensure_ascii=False)),
                "articles": data_block(f"[{','.join(report.articles)}]"),
                "urls": data_block(f"[{','.join(report.urls)}]"),
            },
        )
    )
    return text.encode("utf-8", "replace")


def ill_first(sources: Sequence[SourceFigures]) -> list[SourceFigures]:
    """Sources whose health shows a sign before the others: a table of hundreds is not read to its end."""
    return sorted(sources, key=lambda source: not source.signs)


def data_block(text: str) -> Markup:
    """JSON for a ``<script type="application/json">``: nothing in it can end the block or open a comment."""
    safe = harmless(text)
    for character in "<>&\u2028\u2029":
        safe = safe.replace(character, f"\\u{ord(character):04x}")
    return Markup(safe)  # noqa: S704 - no markup is left in it


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("pipelines.reporting"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )
    environment.filters |= {
        "number": words.number,
        "duration": words.duration,
        "moment": words.moment,
        "web_link": web_link,
    }
    environment.globals |= {"share": words.share, "counted": words.counted, "language_name": words.language_name}
    return environment


def _finalized(value: Any) -> Any:
    """Every value on its way into the page.  Markup is ours, or a data block that was seen to."""
    return harmless(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _asset(name: str) -> str:
    """A script or style.  A source map has no place in a page that loads nothing."""
    text = (files("pipelines.reporting") / "assets" / name).read_text(encoding="utf-8")
    return SOURCE_MAP.sub("", text)


def _digests(texts: list[str]) -> str:
    return " ".join(f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'" for text in texts)
