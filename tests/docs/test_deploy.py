"""The files with which the observatory is run as a service."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

import pytest

from zicht.cli.watch import command as watch

DEPLOY = Path(__file__).parents[2] / "deploy"


def unit() -> dict[str, list[str]]:
    text = (DEPLOY / "zicht.service").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if "=" in line and line[0] != "#"]
    said: dict[str, list[str]] = {}
    for line in lines:
        key, _, value = line.partition("=")
        said.setdefault(key, []).append(value)
    return said


def test_the_unit_starts_a_command_that_there_is() -> None:
    (start,) = unit()["ExecStart"]
    program, *words = shlex.split(start)
    assert Path(program).name == "zicht"
    store = words.index("watch")
    context = watch.make_context("watch", words[store + 1 :], resilient_parsing=True)
    assert context.params["log"] == "json"
    assert words[:store] == ["--store", "/var/lib/zicht/store"]
    assert int(unit()["TimeoutStopSec"][0]) > 5


def test_systemd_understands_the_unit(tmp_path: Path) -> None:
    text = (DEPLOY / "zicht.service").read_text(encoding="utf-8")
    copy = tmp_path / "zicht.service"
    copy.write_text(text.replace("/usr/local/bin/zicht", "/bin/true"), encoding="utf-8")
    if (program := shutil.which("systemd-analyze")) is None:
        assert re.findall(r"^\[(\w+)\]$", text, re.MULTILINE) == ["Unit", "Service", "Install"]
        return
    found = subprocess.run(
        [program, "verify", str(copy)], capture_output=True, text=True, check=False, timeout=60
    )
    assert (found.returncode, found.stderr) == (0, "")


@pytest.mark.parametrize("word", ["FROM", "COPY", "USER", "VOLUME", "ENTRYPOINT", "HEALTHCHECK"])
def test_the_image_says_what_it_needs(word: str) -> None:
    text = (DEPLOY / "Containerfile").read_text(encoding="utf-8").replace("\\\n", "")
    lines = [line for line in text.splitlines() if line and line[0] != "#"]
    known = "FROM|COPY|RUN|USER|WORKDIR|ENV|VOLUME|STOPSIGNAL|HEALTHCHECK|ENTRYPOINT|CMD"
    assert all(re.match(rf"({known}) \S", line) for line in lines)
    assert any(line.startswith(f"{word} ") for line in lines)
