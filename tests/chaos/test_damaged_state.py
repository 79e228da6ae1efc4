"""A state with a wrong bit, anywhere: the run is refused in a line, before anything is asked, or nothing came of it."""

from __future__ import annotations

import random
import shutil
from collections import Counter
from pathlib import Path

import pytest

from changing_site import ChangingSite, changing_site
from chaos.runs import LATER, START, check_whole, command, headlines
from pipelines import ingest
from pipelines.errors import RunFailed
from support import Output
from transforms.state.store import LOCK, MANIFEST

FLIPS_A_FILE = 40

MAY_BE_OF_NO_EFFECT = {LOCK, MANIFEST}
"""The lock only says who runs, and a bit of white space in a manifest says nothing."""
DATE = "Mon, 16 Nov 2026 06:00:00 GMT"


@pytest.mark.chaos
@pytest.mark.timeout(3600)
def test_a_wrong_bit_anywhere(tmp_path: Path) -> None:
    chance = random.Random(20261116)  # noqa: S311 - to be repeated
    read: Counter[str] = Counter()
    with changing_site() as site:
        for number in range(4):
            site.publish(f"/story-{number}", f"Crew {number} is home", f"Crew {number} came home by four.", DATE)
        whole = tmp_path / "whole"
        ingest.main(arguments(site, whole, START.isoformat()))
        site.publish("/story-4", "Crew 4 is home", "Crew 4 came home by four.", DATE)
        files = sorted(path.relative_to(whole) for path in (whole / "state").rglob("*") if path.is_file())
        assert len(files) > 3
        for file in files:
            for number in range(FLIPS_A_FILE):
                folder = tmp_path / f"{file.name}-{number}"
                shutil.copytree(whole, folder)
                flip(folder / file, chance)
                read[file.name] += run_or_refusal(site, folder)
                shutil.rmtree(folder)
    print(f"{len(files)} files, {FLIPS_A_FILE} wrong bits each; of no effect: {dict(+read)}")
    assert (+read).keys() <= MAY_BE_OF_NO_EFFECT
    assert read[MANIFEST] < FLIPS_A_FILE / 4


def run_or_refusal(site: ChangingSite, folder: Path) -> bool:
    """Whether the run went on, and then as if nothing had been wrong."""
    before, output = contents(folder / "state"), contents(folder / "out")
    site.asked.clear()
    refusal = refusal_of(site, folder)
    if refusal:
        assert "\n" not in refusal
        assert "damaged" in refusal
        assert site.asked == []
        assert contents(folder / "out") == output
        assert {name: data for name, data in contents(folder / "state").items() if name != "lock"} == {
            name: data for name, data in before.items() if name != "lock"
        }
        return False
    check_whole(folder)
    assert headlines(folder) == site.headlines()
    assert len(Output(folder / "out").rows("articles")) == len(site.stories)
    return True


def refusal_of(site: ChangingSite, folder: Path) -> str:
    """The line that says why no run was made; nothing where one was."""
    try:
        ingest.main(arguments(site, folder, LATER.isoformat()))
    except RunFailed as error:
        return str(error)
    return ""


def arguments(site: ChangingSite, folder: Path, now: str) -> list[str]:
    return [*command([site.feed_url], folder, None)[4:], "--now", now]


def flip(path: Path, chance: random.Random) -> None:
    """Turns one bit."""
    data = bytearray(path.read_bytes())
    place = chance.randrange(len(data))
    data[place] ^= 1 << chance.randrange(8)
    path.write_bytes(bytes(data))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
