"""Charts: the picture, what it is drawn of, and connectivity bin by bin."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
import pyarrow as pa

from zicht.model.time import MICROSECONDS, from_microseconds, to_microseconds
from zicht.publish.language import language
from zicht.web.api import common
from zicht.web.api.formats import Answer
from zicht.web.api.operations import Operation
from zicht.web.api.parameters import Parameter, read_flag
from zicht.web.api.problems import ProblemError
from zicht.web.api.records import (
    ChartData,
    ChartPanel,
    ChartRow,
    Connectivity,
    ConnectivityBin,
)
from zicht.web.marks import LONGEST_ADDRESS, read_marks

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zicht.model.belief import Assessment
    from zicht.observe.pictures import Shown
    from zicht.publish.chart import Chart
    from zicht.web.api.records import SourceTerms
    from zicht.web.desk import Desk

_MOST_BINS = 20_000

OPERATORS = Parameter(
    name="operators",
    description="true: draw the operators of a country, mobile and fixed apart.",
    schema={"type": "string", "enum": ["true", "false"]},
    read=read_flag,
    default=False,
)
MARKS = Parameter(
    name="mark",
    description=(
        "Notes of your own in the picture: a time and a short text, several parted by |."
        " They are kept nowhere."
    ),
    schema={"type": "string", "maxLength": LONGEST_ADDRESS},
    read=read_marks,
    default=(),
    example="2022-01-05T10:30Z~Cut",
)
_TABLE = pa.schema(
    [
        ("entity", pa.string()),
        ("signal", pa.string()),
        ("time", pa.timestamp("us", tz="UTC")),
        ("connectivity_percent", pa.float64()),
        ("value", pa.float64()),
        ("expected", pa.float64()),
        ("belief_outage", pa.float64()),
        ("sick", pa.bool_()),
        ("licence", pa.string()),
        ("citation", pa.string()),
        ("simulated", pa.bool_()),
    ]
)


def show_chart(desk: Desk, asked: dict[str, Any]) -> Answer:
    """A chart in whatever form it is wanted."""
    from zicht.observe.pictures import draw, shown_of  # noqa: PLC0415 - loads Numba
    from zicht.publish.chart_spec import chart_spec  # noqa: PLC0415

    common.check_order(asked["from"], asked["until"])
    words = language(asked["language"])
    view = desk.view(asked["as_of"])
    shown = shown_of(
        desk.detection(asked["entity"], asked["as_of"]),
        view.facts,
        asked["entity"],
        words=words,
        signals=asked["signal"],
        start=asked["from"],
        until=asked["until"],
        operators=asked["operators"],
    )
    data = _chart_data(shown, words.code)

    def picture() -> Chart:
        return draw(words, shown, as_of=asked["as_of"], marks=asked["mark"])

    def spec() -> dict[str, Any]:
        return chart_spec(
            words,
            shown.subject,
            shown.panels,
            shown.window,
            as_of=asked["as_of"],
            marks=asked["mark"],
        )

    def svg() -> bytes:
        return picture().svg.encode()

    return Answer(
        data=data,
        table=lambda: _chart_table(data),
        bodies={
            "svg": svg,
            "png": lambda: picture().png(),
            "vega": lambda: msgspec.json.encode(spec()),
        },
    )


def _chart_data(shown: Shown, code: str) -> ChartData:
    from zicht.publish.chart_words import description, title  # noqa: PLC0415

    words = language(code)
    panels = tuple(
        ChartPanel(
            signal=one.signal.name,
            entity=one.entity,
            name=one.name,
            kind=one.kind,
            unit=one.signal.unit,
            plane=one.signal.plane,
            rows=tuple(
                ChartRow(
                    time=row.time,
                    percent=row.percent,
                    value=row.value,
                    expected=row.expected,
                    sick=row.sick,
                )
                for row in one.rows
            ),
            outages=one.outages,
            simulated=one.simulated,
        )
        for one in shown.panels
    )
    return ChartData(
        entity=shown.subject.entity,
        title=title(words, shown.subject, shown.panels),
        description=tuple(description(words, shown.subject, shown.panels, shown.window)),
        start=shown.window.start,
        until=shown.window.end,
        panels=panels,
        simulated=any(one.simulated for one in panels),
        sources=common.terms_of_origins((one.signal.name, one.origins) for one in shown.panels),
    )


def _chart_table(data: ChartData) -> pa.Table:
    rows = [
        {
            "entity": panel.entity,
            "signal": panel.signal,
            "time": row.time,
            "connectivity_percent": row.percent,
            "value": row.value,
            "expected": row.expected,
            "sick": row.sick,
            "simulated": panel.simulated,
            **_joined(data.sources, panel.signal),
        }
        for panel in data.panels
        for row in panel.rows
    ]
    return pa.Table.from_pylist(rows, _TABLE).drop_columns(["belief_outage"])


def _joined(sources: Sequence[SourceTerms], signal: str) -> dict[str, str]:
    own = [one for one in sources if one.signal == signal]
    return {
        "licence": "; ".join(dict.fromkeys(one.licence for one in own)),
        "citation": "; ".join(dict.fromkeys(one.citation for one in own)),
    }


def list_connectivity(desk: Desk, asked: dict[str, Any]) -> Answer:
    """Connectivity of an entity, bin by bin."""
    common.check_order(asked["from"], asked["until"])
    detection = desk.detection(
        asked["entity"], asked["as_of"], start=asked["from"], until=asked["until"]
    )
    chosen = [
        one
        for one in detection.assessments
        if one.series.entity == asked["entity"]
        and (not asked["signal"] or one.series.signal.name in asked["signal"])
    ]
    series = [one.series for one in chosen]
    bins = [row for one in chosen for row in bins_of(one, asked)]
    if len(bins) > _MOST_BINS:
        raise ProblemError(
            "bad-request",
            f"That would be {len(bins)} bins.",
            f"Ask for a shorter time or fewer signals: at most {_MOST_BINS} bins at once.",
        )
    data = Connectivity(
        data=tuple(bins),
        simulated=any(one.simulated for one in series),
        sources=common.terms_of_origins(
            (one.series.signal.name, one.series.origins) for one in chosen
        ),
        as_of=asked["as_of"],
    )
    simulated = {one.signal.name: one.simulated for one in series}
    return Answer(data=data, table=lambda: _connectivity_table(data, simulated))


def bins_of(assessment: Assessment, asked: dict[str, Any]) -> list[ConnectivityBin]:
    """The bins of an assessment within ``from`` and ``until``."""
    series = assessment.series
    times = series.times
    inside = np.ones(len(times), dtype=bool)
    if asked["from"] is not None:
        inside &= times + series.signal.step * MICROSECONDS > to_microseconds(asked["from"])
    if asked["until"] is not None:
        inside &= times < to_microseconds(asked["until"])
    return [
        ConnectivityBin(
            entity=series.entity,
            signal=series.signal.name,
            time=from_microseconds(int(times[at])),
            connectivity_percent=_known(assessment.connectivity[at]),
            value=_known(series.values[at]),
            expected=_known(assessment.expected[at]),
            belief_outage=_known(assessment.belief_outage[at]),
            sick=bool(assessment.sick[at] > 0),
        )
        for at in np.flatnonzero(inside).tolist()
    ]


def _known(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _connectivity_table(data: Connectivity, simulated: dict[str, bool]) -> pa.Table:
    rows = [
        msgspec.structs.asdict(one)
        | _joined(data.sources, one.signal)
        | {"simulated": simulated[one.signal]}
        for one in data.data
    ]
    return pa.Table.from_pylist(rows, _TABLE)


_CHOICE = (common.ENTITY, common.SIGNALS, common.FROM, common.UNTIL, common.AS_OF)
CHART = Operation(
    path="/api/v1/charts",
    name="showChart",
    summary="A chart: its figures, its Vega-Lite specification, or the picture",
    description=(
        "How much of the ordinary can be reached of an entity, by each of its signals. JSON and CSV"
        " hold the lowest bin of every stretch that the chart shows; vega is the specification"
        " (Vega-Lite) with its data."
    ),
    record=ChartData,
    handle=show_chart,
    parameters=(*_CHOICE, OPERATORS, MARKS, common.LANGUAGE),
    formats=("json", "csv", "arrow", "vega", "svg", "png"),
    heavy=lambda _: True,
)
CONNECTIVITY = Operation(
    path="/api/v1/connectivity",
    name="listConnectivity",
    summary="Connectivity of an entity in percent of ordinary, bin by bin",
    description=(
        "Measured, expected, their ratio, and the probability of an outage with the data up to that"
        " bin. null is unknown: not measured, or the source was sick."
    ),
    record=Connectivity,
    handle=list_connectivity,
    parameters=_CHOICE,
    formats=("json", "csv", "arrow"),
    heavy=lambda _: True,
)
OPERATIONS = (CHART, CONNECTIVITY)
