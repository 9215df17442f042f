"""The figures that the page of the method shows are those of the scorecard."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import msgspec

from zicht.web.pages.method import Scorecard, scorecard

_ROOT = Path(__file__).parents[2]


def test_the_page_is_as_young_as_the_document() -> None:
    spec = importlib.util.spec_from_file_location(
        "scorecard_page", _ROOT / "scripts" / "scorecard_page.py"
    )
    assert spec is not None
    assert spec.loader is not None
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    document = (_ROOT / "docs" / "scorecard.md").read_text("utf-8")
    assert scorecard() == msgspec.convert(script.figures(document), Scorecard), (
        "run python scripts/scorecard_page.py"
    )
