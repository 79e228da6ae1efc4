"""The secrets of URLs reach the publisher, and neither the rows, nor the manifest, nor the terminal."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from changing_site import STORY
from loopback import on_air
from support import NOW, Output

KEY = "fk83hd72kdPq01mz"
TOKEN = "reader-71Gx2"  # noqa: S105 - invented
GONE = "gone-5jKm9"
MOVED = "moved-8Qz2w"

PAGE = f"""<html lang="en"><head><title>A ferry is late</title>
<link rel="canonical" href="{{o}}/there?token={MOVED}"><link rel="license" href="https://rights.example/?token={MOVED}">
<meta property="og:image" content="{{o}}/a.jpg?token={MOVED}"><meta property="og:url" content="{{o}}/og?token={MOVED}">
<script type="application/ld+json">{{"@type": "NewsArticle", "headline": "A ferry is late", "license":
"https://law.example/?token={MOVED}", "author": {{"@type": "Person", "name": "Ada Penn", "url":
"https://staff.example/?token={MOVED}"}}}}</script></head><body><article><h1>A ferry is late</h1>
<p>The ferry to the island was an hour late on Monday for the ninth time, and forty people waited on the quay until the
harbour master came out of the old customs house and sent them home for the day.</p>
<p>“We are sorry,” said Ines Calder, who leads the company. <a href="https://out.example/?token={MOVED}">More</a></p>
</article></body></html>"""


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_run_with_a_key(tmp_path: Path, log_format: str) -> None:
    with on_air() as site:
        site.add(f"/feed.xml?key={KEY}", _feed(f"/story?token={TOKEN}", f"/gone?token={GONE}", f"/moved?token={MOVED}"))
        site.add(f"/moved?token={MOVED}", "", 302, Location=f"/there?token={MOVED}")
        site.add(f"/there?token={MOVED}", PAGE)
        site.add(
            f"/story?token={TOKEN}", STORY.format(headline="Quay to be rebuilt", first="The quay will be rebuilt.")
        )
        done = _ingest(f"{site.origin}/feed.xml?key={KEY}", tmp_path, log_format)
        assert f"/story?token={TOKEN}" in site.asked
    assert done.returncode == 0, done.stderr
    articles = Output(tmp_path).rows("articles")
    assert len(articles) == 2
    outcomes = Output(tmp_path).rows("outcomes")
    shown = [done.stdout, done.stderr, str(articles), str([{**row, "payload": None} for row in outcomes])]
    shown += [path.read_text() for path in (tmp_path / "runs").iterdir()]
    assert not [text for text in shown for secret in (KEY, TOKEN, GONE, MOVED) if secret in text]
    assert len({row["url"] for row in outcomes}) == len(outcomes) == 4
    if log_format == "json":
        assert all(json.loads(line)["message"] for line in done.stderr.splitlines())


def _feed(*paths: str) -> str:
    items = "".join(
        f"<item><title>{path[:6]}</title><link>{{o}}{path}</link><guid>{{o}}{path}</guid></item>" for path in paths
    )
    return f'<rss version="2.0"><channel><title>Harbour</title>{items}</channel></rss>'


def _ingest(feed: str, output: Path, log_format: str) -> subprocess.CompletedProcess[str]:
    call = ["ingest", "--feeds", feed, "--output", str(output), "--now", NOW, "--log_format", log_format]
    call += ["--allow_networks", "127.0.0.0/8", "--host_gap", "0", "--processes", "1"]
    return subprocess.run([sys.executable, "-m", "pipelines", *call], capture_output=True, text=True, check=False)
