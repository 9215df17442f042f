"""Make the shapes of the world's countries for the map, small enough to stand within a page.

``python scripts/world_map.py countries-50m.json`` reads the file of that name of the npm package
``world-atlas`` 2.0.2, which carries Natural Earth's countries at 1:50 million (public domain,
https://www.naturalearthdata.com/about/terms-of-use/) as TopoJSON, and writes ``world.json`` beside
the code of the map. The borders are simplified where both neighbours share them, so that no gap
opens between them, and projected once (Equal Earth, with 11° E in the middle, so that nobody is
cut).

Data are named by ISO 3166, and so are the shapes: what Natural Earth draws apart because it is
ruled apart belongs to the code under which its addresses and regions are listed.

Sources: M. Bostock, The TopoJSON Format Specification; B. Šavrič, T. Patterson, B. Jenny, The Equal
Earth map projection (2018); M. Visvalingam, J. D. Whyatt, Line generalisation by repeated
elimination of points (1993).
"""

from __future__ import annotations

import argparse
import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Any

from babel.core import get_global

import zicht.publish.inline

TARGET = Path(zicht.publish.inline.__path__[0]) / "world.json"

WIDTH = 2000.0
MIDDLE = 11.0
CUT = MIDDLE - 180
SOUTH = -57.0
LEAST_AREA = 1.6  # square units; a smaller triangle is not missed
LEAST_ISLAND = 7.0
SMALL = 45.0  # square units; a smaller country becomes a dot as well

A1, A2, A3, A4 = 1.340264, -0.081106, 0.000893, 0.003796

LISTED_UNDER = {"N. Cyprus": "CY", "Somaliland": "SO", "Kosovo": "XK"}

OWN_CODE = [
    # of, its own code, west, south, east, north (degrees)
    ("FR", "GF", -55, 1, -50, 7),
    ("FR", "GP", -62, 15.7, -60.9, 16.6),
    ("FR", "MQ", -61.4, 14.2, -60.6, 15),
    ("FR", "RE", 55, -22, 56, -20),
    ("FR", "YT", 44.8, -13.2, 45.5, -12.4),
    ("NO", "SJ", -10, 70.5, 36, 81.5),
    ("NL", "BQ", -69, 11.8, -62.5, 18),
    ("RU", "UA", 32.3, 44.2, 36.8, 46.4),
]
"""Parts that ISO 3166 lists under another code than the state that Natural Earth has them with."""

DOTS = {
    "BQ": (-68.3, 12.2),
    "CC": (96.8, -12.2),
    "CX": (105.6, -10.5),
    "GI": (-5.35, 36.14),
    "TK": (-171.8, -9.2),
    "TV": (179.2, -8.5),
}
"""Where those lie that have no shape at this scale."""

LEFT_OUT = {"AQ", "TF", "HM", "GS", "IO"}
"""Where nobody lives who could be cut off."""

Point = tuple[float, float]
Ring = list[Point]


def main() -> None:
    """Read, simplify, write."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("topology", type=Path)
    topology = json.loads(parser.parse_args().topology.read_text())
    arcs = [decoded(arc, topology["transform"]) for arc in topology["arcs"]]
    thinned = [simplified([projected(point) for point in unrolled(arc)]) for arc in arcs]
    countries: dict[str, list[list[Ring]]] = {}
    for shape in topology["objects"]["countries"]["geometries"]:
        code = code_of(shape)
        if code is None:
            continue
        for polygon in shape["arcs"] if shape["type"] == "MultiPolygon" else [shape["arcs"]]:
            place = middle(joined(polygon[0], arcs))
            own = next((one for one in OWN_CODE if one[0] == code and within(place, one)), None)
            rings = [joined(ring, thinned) for ring in polygon]
            countries.setdefault(own[1] if own else code, []).append(rings)
    write({code: polygons for code, polygons in countries.items() if code not in LEFT_OUT})


def code_of(shape: dict[str, Any]) -> str | None:
    """The ISO 3166-1 code of a shape."""
    if "id" not in shape:
        return LISTED_UNDER.get(shape["properties"]["name"])
    aliases = get_global("territory_aliases")
    found: list[str] = aliases[shape["id"]]
    return found[0]


def decoded(arc: list[list[int]], transform: dict[str, list[float]]) -> Ring:
    """An arc in degrees, from its differences."""
    (across, down), (left, top) = transform["scale"], transform["translate"]
    x = y = 0
    points = []
    for step_x, step_y in arc:
        x, y = x + step_x, y + step_y
        points.append((x * across + left, y * down + top))
    return points


def unrolled(arc: Ring) -> Ring:
    """An arc on one side of where the map is cut; a small island on the side of its middle."""
    west, east = min(x for x, _ in arc), max(x for x, _ in arc)
    if east - west < 180 and west < CUT < east:  # noqa: PLR2004 - half of the circle
        beyond = (west + east) / 2 < CUT
        return [(x + 360 if beyond else x, y) for x, y in arc]
    return [(x + 360 if x < CUT else x, y) for x, y in arc]


def projected(point: Point) -> Point:
    """Where a point (degrees) lies on the map."""
    longitude = math.radians(point[0] - MIDDLE)
    angle = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(point[1])))
    slope = 9 * A4 * angle**8 + 7 * A3 * angle**6 + 3 * A2 * angle**2 + A1
    x = 2 * math.sqrt(3) * longitude * math.cos(angle) / (3 * slope)
    y = A4 * angle**9 + A3 * angle**7 + A2 * angle**3 + A1 * angle
    widest = 2 * math.sqrt(3) * math.pi / (3 * A1)
    scale = WIDTH / (2 * widest)
    return ((x + widest) * scale, (NORTH - y) * scale)


def _height(latitude: float) -> float:
    angle = math.asin(math.sqrt(3) / 2 * math.sin(math.radians(latitude)))
    return A4 * angle**9 + A3 * angle**7 + A2 * angle**3 + A1 * angle


NORTH = _height(83.8)


def simplified(arc: Ring) -> Ring:
    """An arc without the points that matter least; its ends stay."""
    points = list(arc)
    least = 4 if points[0] == points[-1] else 2
    while len(points) > least:
        areas = [
            triangle(points[at - 1], points[at], points[at + 1]) for at in range(1, len(points) - 1)
        ]
        smallest = min(areas)
        if smallest >= LEAST_AREA:
            break
        # all small ones that are no neighbours, so that a long coast takes few rounds
        bound = max(smallest, sorted(areas)[len(areas) // 10])
        kept, dropped_before = [points[0]], False
        for at, area in enumerate(areas, 1):
            spare = len(points) - least > at - len(kept)
            dropped_before = area <= min(bound, LEAST_AREA) and not dropped_before and spare
            if not dropped_before:
                kept.append(points[at])
        points = [*kept, points[-1]]
    return [(round(x), round(y)) for x, y in points]


def triangle(one: Point, two: Point, three: Point) -> float:
    """The area of a triangle."""
    cross = (two[0] - one[0]) * (three[1] - one[1]) - (three[0] - one[0]) * (two[1] - one[1])
    return abs(cross) / 2


def joined(ring: list[int], arcs: list[Ring]) -> Ring:
    """A ring of its arcs; one with a negative number runs backwards."""
    points: Ring = []
    for number in ring:
        arc = arcs[number] if number >= 0 else arcs[~number][::-1]
        points += arc[1:] if points else arc
    return points


def middle(ring: Ring) -> Point:
    """The mean of a ring's points."""
    return sum(x for x, _ in ring) / len(ring), sum(y for _, y in ring) / len(ring)


def within(place: Point, own: tuple[str, str, float, float, float, float]) -> bool:
    """Whether a place lies in the box of a part with a code of its own."""
    _, _, west, south, east, north = own
    return west <= place[0] <= east and south <= place[1] <= north


def area(ring: Ring) -> float:
    """The area of a ring."""
    return abs(sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))) / 2


def centroid(ring: Ring) -> Point:
    """The centre of a ring's area, or of its points where it has none."""
    twice = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))
    if not twice:
        return middle(ring)
    x = sum((x1 + x2) * (x1 * y2 - x2 * y1) for (x1, y1), (x2, y2) in pairwise(ring))
    y = sum((y1 + y2) * (x1 * y2 - x2 * y1) for (x1, y1), (x2, y2) in pairwise(ring))
    return x / (3 * twice), y / (3 * twice)


def drawn(ring: Ring) -> str:
    """A ring as the beginning and the steps of a path."""
    points = [point for before, point in pairwise([(math.nan, math.nan), *ring]) if point != before]
    (x, y), steps = points[0], []
    for (x1, y1), (x2, y2) in pairwise(points[:-1]):
        across, down = int(x2 - x1), int(y2 - y1)
        steps.append(f"{across}{'' if down < 0 else ' '}{down}")
    text = ""
    for step in steps:
        text += step if not text or step.startswith("-") else f" {step}"
    return f"M{int(x)} {int(y)}l{text}z"


def write(countries: dict[str, list[list[Ring]]]) -> None:
    """Write the shapes, a line a country."""
    lines = {}
    for code, polygons in countries.items():
        largest = max(polygons, key=lambda rings: area(rings[0]))
        kept = [one for one in polygons if area(one[0]) >= LEAST_ISLAND]
        rings = [
            ring
            for polygon in kept
            for number, ring in enumerate(polygon)
            if number == 0 or area(ring) >= LEAST_ISLAND
        ]
        x, y = centroid(largest[0])
        total = sum(area(one[0]) for one in polygons)
        lines[code] = [round(x), round(y), int(total < SMALL), "".join(drawn(one) for one in rings)]
    for code, place in DOTS.items():
        x, y = projected(unrolled([place])[0])
        lines.setdefault(code, [round(x), round(y), 1, ""])
    bottom = (NORTH - _height(SOUTH)) * WIDTH / (2 * 2 * math.sqrt(3) * math.pi / (3 * A1))
    about = (
        "Countries of Natural Earth (naturalearthdata.com), 1:50 million, public domain, by way of"
        " the npm package world-atlas 2.0.2 (ISC); made simpler and projected (Equal Earth) by"
        " scripts/world_map.py."
        " code: [x, y, whether it is small, path]."
    )
    rows = ",\n".join(
        f" {json.dumps(code)}: {json.dumps(row, separators=(',', ':'))}"
        for code, row in sorted(lines.items())
    )
    text = (
        f'{{"about": {json.dumps(about)},\n"width": {round(WIDTH)}, "height": {round(bottom)},'
        f' "countries": {{\n{rows}\n}}}}\n'
    )
    TARGET.write_text(text)
    print(f"{TARGET}: {len(lines)} countries, {len(text)} bytes")


if __name__ == "__main__":
    main()
