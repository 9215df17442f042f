"""Chocolatine's method, one model for each series; needs statsmodels, which Zicht does not bring.

After Guillot, Fontugne, Winter, Mérindol, King, Dainotti and Pelsser 2019, "Chocolatine: Outage
Detection for Internet Background Radiation" (TMA; https://arxiv.org/abs/1906.04426), written anew:

- The series is differenced by a week. The history is divided into a part for training and one for
  validation; what comes after is judged.
- Of the ARMA models of few parameters, each fitted to the training part, the one with the smallest
  root mean square error of one-step predictions on the validation part is taken.
- The width of the prediction interval is three times 1.4826 times the median absolute error there.
- A value below the interval is an outage; its prediction then stands in for it in what follows.

Missing values, and those of the first week, are filled with the median of the same time in other
weeks, as its authors clean their history.
"""

from __future__ import annotations

import itertools
import warnings
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numba import njit

from zicht.detect.baselines.runs import to_findings

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from zicht.model.finding import Finding
    from zicht.model.series import Series

WIDTH = 3.0
_LARGEST_ORDER = 3  # p + q stays below, as in its authors' code
_NORMAL = 1.4826
_HOUR, _DAY, _WEEK = 3600, 86_400, 7 * 86_400


class Model(NamedTuple):
    """What was chosen: constant, coefficients, and a normal error's spread."""

    constant: float
    autoregressive: NDArray[np.float64]
    moving: NDArray[np.float64]
    spread: float


@cache
def _searched(history: bytes, season: int) -> Model:
    """The model for a history, searched once for all that is tried after it."""
    return search(np.frombuffer(history), season)


def learning_bins(step: int) -> int:
    """The bins that a model is searched on, for a step in seconds.

    They are those of two weeks, of four where bins are hours, of twelve where they are days.
    """
    weeks = 2 if step < _HOUR else 4 if step < _DAY else 12
    return weeks * round(_WEEK / step)


def find(series: Series, *, width: float = WIDTH) -> list[Finding]:
    """Search a model on the first weeks and judge what comes after.

    Nothing is found in a series that is not longer than these.

    Args:
        series: the series, on its grid.
        width: of the prediction interval, in spreads.

    Raises:
        ImportError: statsmodels is not installed.
    """
    learning = learning_bins(series.signal.step)
    if len(series.values) <= learning:
        return []
    season = round(_WEEK / series.signal.step)
    history = _filled(series.values, season)[:learning]
    return find_with(series, _searched(history.tobytes(), season), width=width)


def find_with(series: Series, model: Model, *, width: float = WIDTH) -> list[Finding]:
    """Judge what comes after the weeks of learning with a model that is known."""
    season, learning = round(_WEEK / series.signal.step), learning_bins(series.signal.step)
    values = _filled(series.values, season)
    return to_findings(series, _judge(values, season, learning, *model, width))


def search(history: NDArray[np.float64], season: int) -> Model:
    """The best of the models, searched as the paper does: float64[n] without gaps."""
    from statsmodels.tsa.arima.model import ARIMA  # noqa: PLC0415 - only who asks for it has it

    differences = history[season:] - history[:-season]
    middle = len(differences) // 2
    best = None
    for p, q in itertools.product(range(_LARGEST_ORDER), repeat=2):
        if not 0 < p + q < _LARGEST_ORDER:
            continue
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                fitted = ARIMA(differences[:middle], order=(p, 0, q)).fit()
            except (ValueError, np.linalg.LinAlgError):
                continue
        autoregressive, moving = np.asarray(fitted.arparams), np.asarray(fitted.maparams)
        mean = float(fitted.params[0])
        constant = mean * (1 - autoregressive.sum())
        errors = _errors(differences, constant, autoregressive, moving)[middle:]
        quality = float(np.sqrt(np.mean(errors**2)))
        if best is None or quality < best[0]:
            spread = _NORMAL * float(np.median(np.abs(errors)))
            best = (quality, Model(constant, autoregressive, moving, spread))
    if best is None:
        return Model(0.0, np.zeros(0), np.zeros(0), float(differences.std()))
    return best[1]


def _filled(values: NDArray[np.float64], season: int) -> NDArray[np.float64]:
    filled = values.copy()
    for i in np.flatnonzero(np.isnan(values)).tolist():
        weeks = values[i % season : i : season]  # only earlier ones: the future is not known
        known = weeks[~np.isnan(weeks)]
        filled[i] = np.median(known) if len(known) else filled[max(i - 1, 0)]
    return np.nan_to_num(filled)


@njit(cache=True)
def _errors(
    differences: NDArray[np.float64],
    constant: float,
    autoregressive: NDArray[np.float64],
    moving: NDArray[np.float64],
) -> NDArray[np.float64]:
    errors = np.zeros(len(differences))
    for i in range(len(differences)):
        predicted = constant
        for k in range(len(autoregressive)):
            if i > k:
                predicted += autoregressive[k] * differences[i - 1 - k]
        for k in range(len(moving)):
            if i > k:
                predicted += moving[k] * errors[i - 1 - k]
        errors[i] = differences[i] - predicted
    return errors


@njit(cache=True)
def _judge(  # noqa: PLR0917 - Numba binds no keyword-only arguments
    values: NDArray[np.float64],
    season: int,
    learning: int,
    constant: float,
    autoregressive: NDArray[np.float64],
    moving: NDArray[np.float64],
    spread: float,
    width: float,
) -> NDArray[np.bool_]:
    history = values.copy()
    below = np.zeros(len(values), dtype=np.bool_)
    errors = np.zeros(len(values))
    for i in range(season, len(values)):
        predicted = constant
        for k in range(len(autoregressive)):
            j = i - 1 - k
            if j >= season:
                predicted += autoregressive[k] * (history[j] - history[j - season])
        for k in range(len(moving)):
            if i - 1 - k >= season:
                predicted += moving[k] * errors[i - 1 - k]
        expected = history[i - season] + predicted
        if i >= learning and history[i] < expected - width * spread:
            below[i] = True
            history[i] = expected
        errors[i] = history[i] - expected
    return below
