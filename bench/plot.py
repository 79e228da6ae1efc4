"""Line charts as SVG, without a library: axes from 0, lines with points and names."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

WIDTH, HEIGHT = 360, 260
LEFT, RIGHT, TOP, BOTTOM = 52, 16, 34, 40
TICKS = 4


@dataclass(frozen=True, slots=True)
class Line:
    """A name, a colour and points (x, y)."""

    name: str
    colour: str
    points: tuple[tuple[float, float], ...]


def panel(title: str, unit: str, lines: Sequence[Line]) -> str:
    """One chart; ``unit`` names the x axis."""
    points = [point for line in lines for point in line.points] or [(1.0, 1.0)]
    x_end, y_end = _round_up(max(x for x, _ in points)), _round_up(max(y for _, y in points))
    parts = [f'<text x="{LEFT}" y="18" class="title">{escape(title)}</text>']
    for tick in range(TICKS + 1):
        share = tick / TICKS
        x, y = _x(share), _y(share)
        parts.append(f'<path d="M{LEFT} {y:.1f}H{WIDTH - RIGHT}" class="grid"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{y_end * share:,.0f}</text>')
        parts.append(f'<text x="{x:.1f}" y="{HEIGHT - 22}" text-anchor="middle">{x_end * share:,.0f}</text>')
    parts.append(f'<text x="{_x(0.5)}" y="{HEIGHT - 6}" text-anchor="middle">{escape(unit)}</text>')
    for place, line in enumerate(lines):
        at = [(_x(x / x_end), _y(y / y_end)) for x, y in line.points]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{line.colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{line.colour}"/>' for x, y in at]
        name_x = LEFT + 110 + 70 * place
        parts.append(f'<text x="{name_x}" y="18" style="fill:{line.colour}">{escape(line.name)}</text>')
    return "".join(parts)


def picture(panels: Sequence[str]) -> str:
    """The charts side by side, an SVG file."""
    width = WIDTH * len(panels)
    groups = "".join(f'<g transform="translate({WIDTH * place})">{part}</g>' for place, part in enumerate(panels))
    style = "text{font:11px sans-serif;fill:#444}.title{font-weight:bold;fill:#222}.grid{stroke:#ddd}rect{fill:#fff}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT}" width="{width}" height="{HEIGHT}">'
        f'<style>{style}</style><rect width="{width}" height="{HEIGHT}"/>{groups}</svg>\n'
    )


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _round_up(value: float) -> float:
    """The next of 1, 2, 2.5, 4, 5 or 8 times a power of ten."""
    power = 10.0 ** math.floor(math.log10(value)) if value > 0 else 1.0
    return next(step * power for step in (1, 2, 2.5, 4, 5, 8, 10) if step * power >= value)
