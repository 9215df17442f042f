"""The look of pictures within a page, as a style sheet of classes and custom properties.

A page carries it in its own style sheet; where a picture stands alone, ``PLAIN`` has the light
colours written out, for readers of SVG that know no custom properties.
"""

from __future__ import annotations

import re

from zicht.publish import palette

_COLOURS = {
    "ink": palette.INK,
    "quiet": palette.QUIET,
    "paper": palette.PAPER,
    "grid": palette.GRID,
    "ordinary": palette.ORDINARY,
    "ordinary-line": palette.ORDINARY_LINE,
    "outage": palette.OUTAGE,
    "outage-ink": palette.OUTAGE_INK,
    "outage-wash": palette.OUTAGE_WASH,
    "outage-pale": palette.OUTAGE_PALE,
    "watermark": palette.WATERMARK,
    "control": palette.PLANES["control"],
    "data": palette.PLANES["data"],
    "user": palette.PLANES["user"],
    "gap": palette.NO_DATA_HATCH,
    "sick": palette.SICK_HATCH,
    "land": palette.LAND,
    "coast": palette.COAST,
    "seen": palette.SEEN,
    "below": palette.BELOW,
}


def _properties(colours: dict[str, str]) -> str:
    return "".join(f"--z-{name}:{colour};" for name, colour in colours.items())


_DARK_OF = palette.DARK | palette.DARK_MAP
_DARK = {name: _DARK_OF[colour] for name, colour in _COLOURS.items()}

_RULES = """
.picture{display:block;overflow:visible;direction:ltr;max-width:100%}
.picture text{font:12px/1 system-ui,-apple-system,"Segoe UI",Roboto,"Liberation Sans",sans-serif;
fill:var(--z-quiet);unicode-bidi:isolate;font-variant-numeric:tabular-nums}
.picture text.level,.picture text.note,.picture text.depth,.picture text.noted{paint-order:stroke;
stroke:var(--z-paper);stroke-width:3px;stroke-linejoin:round}
.picture text.depth{fill:var(--z-outage-ink);font-weight:700}
.picture text.noted,.picture text.strong{fill:var(--z-ink);font-weight:600}
.picture text.day{fill:var(--z-ink)}
.picture text.water{fill:var(--z-watermark);font-size:22px;font-weight:700;letter-spacing:.06em}
.picture .grid{stroke:var(--z-grid);stroke-width:1;shape-rendering:crispEdges}
.picture .full{stroke:var(--z-ordinary-line);stroke-width:1;shape-rendering:crispEdges}
.picture .base,.picture .tick{stroke:var(--z-ink);stroke-width:1;shape-rendering:crispEdges}
.picture .band{fill:var(--z-ordinary)}
.picture .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round;
vector-effect:non-scaling-stroke}
.picture .later{stroke-dasharray:5 3}
.picture .control{stroke:var(--z-control)}
.picture .data{stroke:var(--z-data)}
.picture .user{stroke:var(--z-user)}
.picture .ink{stroke:var(--z-ink)}
.picture .outage{fill:var(--z-outage)}
.picture .surely{fill:var(--z-outage-wash)}
.picture .maybe{fill:var(--z-outage-pale)}
.picture .lost{fill:var(--z-outage);fill-opacity:.3}
.picture .back{fill:var(--z-paper);stroke:var(--z-outage);stroke-width:1}
.picture .quietly{fill:var(--z-ordinary)}
.picture .blank{fill:none;stroke:var(--z-grid);stroke-width:.7;vector-effect:non-scaling-stroke}
.picture .under{stroke:none;fill-opacity:.13}
.picture .under.control{fill:var(--z-control)}
.picture .under.data{fill:var(--z-data)}
.picture .under.user{fill:var(--z-user)}
.picture .paper{fill:var(--z-paper)}
.picture .hatch{stroke:var(--z-gap);stroke-width:1}
.picture .cross{stroke:var(--z-sick);stroke-width:1}
.picture .pin{stroke:var(--z-ink);stroke-width:1.5;stroke-dasharray:2 2}
.picture .alert{stroke:var(--z-outage-ink);stroke-width:1;stroke-dasharray:4 3}
.picture .land,.swatch .land{fill:var(--z-land)}
.picture.world .land,.picture .country{stroke:var(--z-coast);stroke-width:1.2;stroke-linejoin:round}
.landdots{fill:none;stroke:var(--z-land);stroke-width:9;stroke-linecap:round}
.country.ordinary,.dot.ordinary{fill:var(--z-seen)}
.country.outage,.dot.outage{fill:var(--z-outage)}
.picture .country.unknown,.swatch .country.unknown{stroke:var(--z-quiet);stroke-width:.8}
.dot{stroke:var(--z-paper);stroke-width:2}
.pale{fill:var(--z-below)}
.stripe{stroke:var(--z-outage);stroke-width:2.4}
path.pointer{fill:var(--z-ink);stroke:var(--z-paper);stroke-width:3;paint-order:stroke;
stroke-linejoin:round}
.picture a:hover .country,.picture a:focus-visible .country{stroke:var(--z-ink);stroke-width:4}
.picture a:hover .dot,.picture a:focus-visible .dot{stroke:var(--z-ink);stroke-width:4}
.picture a:focus-visible{outline:2px solid var(--z-ink);outline-offset:1px}
.chart{container-type:inline-size}
.picture .narrow{display:none}
@container (max-width:30rem){.picture .narrow{display:inline}.picture .wide{display:none}}
@media (forced-colors:active){.picture .line{stroke:CanvasText}.picture text{fill:CanvasText}}
@media print{.picture{break-inside:avoid}}
"""

STYLE = (
    f":root{{{_properties(_COLOURS)}}}"
    f"@media screen and (prefers-color-scheme:dark){{:root{{{_properties(_DARK)}}}}}{_RULES}"
)
"""The style sheet of a page with pictures, light and dark."""

PLAIN = re.sub(
    r"var\(--z-([a-z-]+)\)",
    lambda found: _COLOURS[found[1]],
    "\n".join(
        rule for rule in _RULES.splitlines() if not rule.startswith(("@", ".chart", ".picture a"))
    ),
)
"""The rules with the light colours written out, for a picture that stands alone."""
