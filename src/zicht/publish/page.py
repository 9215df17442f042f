"""Pages: one HTML file each, which works without scripts and network, light, dark and printed."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import jinja2
from markupsafe import Markup

from zicht.publish.chart_table import row_minutes, rows_as_csv
from zicht.publish.chart_words import panel_head, simulated_words
from zicht.publish.inline.style import STYLE
from zicht.publish.inline.world import map_key, world_map
from zicht.publish.palette import DARK
from zicht.publish.world_picture import BORDERS
from zicht.version import __version__

if TYPE_CHECKING:
    from zicht.publish.chart import Chart
    from zicht.publish.language import Language
    from zicht.publish.world_picture import WorldPicture

POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'"
"""What a page may load: nothing from anywhere."""


def chart_page(words: Language, chart: Chart) -> str:
    """A chart as a page, with its figures in tables and as CSV."""
    return render_page("chart.html", words, chart=chart, figures=figures(words, chart))


def world_page(words: Language, drawn: WorldPicture) -> str:
    """The map as a page, with its key and a table that says the same."""
    shown = {one.code: one for one in drawn.standings}
    key = "map"
    return render_page(
        "map.html",
        words,
        drawn=drawn,
        style=Markup(STYLE),  # noqa: S704 - our own style sheet
        picture=world_map(words, shown, key=key, title=drawn.title),
        legend=map_key(words, key),
        moment=words.moment(drawn.time),
        borders=BORDERS,
    )


def figures(words: Language, chart: Chart) -> dict[str, Any]:
    """What the templates need of a chart: the picture, its tables, and the same as CSV."""
    tables = [
        {
            "head": ": ".join(panel_head(words, panel, operators=chart.operators)),
            "span": words.step(row_minutes(chart.window, panel.signal.step) * 60),
            "rows": panel.rows,
        }
        for panel in chart.panels
    ]
    text = rows_as_csv(
        [(one.entity, one.signal.name, one.rows, one.simulated) for one in chart.panels]
    )
    return {
        "svg": Markup(chart.svg),  # noqa: S704 - drawn by us; texts in it are escaped
        "tables": tables,
        "csv": f"data:text/csv;charset=utf-8,{quote(text, safe=',/:')}",
        "name": f"{chart.entity.replace('/', '-')}.csv",
    }


def render_page(template: str, words: Language, **values: Any) -> str:
    """Fill in a template; every text in it is escaped."""
    dark = "".join(
        f'svg [fill="{light}"]{{fill:{dark}}}svg [stroke="{light}"]{{stroke:{dark}}}'
        for light, dark in DARK.items()
    )
    page: str = (
        _environment()
        .get_template(template)
        .render(
            words=words,
            say=words.say,
            version=__version__,
            policy=POLICY,
            dark=Markup(dark),  # noqa: S704 - our own colours
            simulated_words=simulated_words(words),
            **values,
        )
    )
    return page


def checked_style() -> str:
    """How checked reports and ledgers look, beside the style of pictures."""
    return (files("zicht.publish") / "templates" / "checked.css").read_text("utf-8")


@cache
def _environment() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.PackageLoader("zicht.publish"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
