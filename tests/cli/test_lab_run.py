"""``zicht lab run``: a world speaks over real sockets until it is told to stop."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from zicht.lab.world import open_scenario
from zicht.sources.ioda.api import parse_answer

if TYPE_CHECKING:
    from collections.abc import Iterator

COMMAND = [sys.executable, "-m", "zicht", "--format", "jsonl", "lab", "run"]
CABLE = str(Path(__file__).parents[1] / "lab" / "cable_scenario.toml")
LIVE = datetime(2025, 3, 11, tzinfo=UTC)  # where its history ends


@contextmanager
def running(*arguments: str) -> Iterator[dict[str, dict[str, str]]]:
    """A running lab: its mouths with their addresses and settings."""
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        try:
            assert process.stderr is not None
            assert select.select([process.stderr], [], [], 120)[0]
            said = process.stderr.readline()
            while b"The world runs" not in said:
                assert said, "it ended"
                said = process.stderr.readline()
            assert process.stdout is not None
            rows = [json.loads(process.stdout.readline()) for _ in range(arguments.count("--only"))]
            mouths = {}
            for row in rows:
                settings = dict(pair.split("=", 1) for pair in row["settings"].split())
                mouths[row["mouth"]] = {"address": row["address"]} | settings
            yield mouths
        finally:
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0


def test_each_service_answers_at_its_address() -> None:
    services = ("ioda", "atlas", "radar", "tor", "ooni", "google")
    only = [word for name in services for word in ("--only", name)]
    with running(CABLE, "--speed", "0", *only) as mouths:
        assert set(mouths) == set(services)
        until = int(LIVE.timestamp())
        parsed = parse_answer(
            httpx2.get(
                f"{mouths['ioda']['ZICHT_IODA_URL']}/signals/raw/country/IS",
                params={"from": until - 86_400, "until": until},
            ).content,
            name="lab",
        )
        last = max(parsed.observations["time"].to_pylist())
        assert LIVE - timedelta(hours=1) < last < LIVE
        probes = httpx2.get(f"{mouths['atlas']['ZICHT_ATLAS_URL']}/probes/").json()
        assert probes["count"] > 30
        token = {"Authorization": f"Bearer {mouths['radar']['ZICHT_RADAR_TOKEN']}"}
        traffic = f"{mouths['radar']['ZICHT_RADAR_URL']}/netflows/timeseries?location=GB"
        assert httpx2.get(traffic).status_code == 401
        assert httpx2.get(traffic, headers=token).json()["success"]
        users = httpx2.get(f"{mouths['tor']['ZICHT_TOR_URL']}/userstats-relay-country.csv")
        assert users.text.startswith("#")
        counts = httpx2.get(f"{mouths['ooni']['ZICHT_OONI_URL']}/api/v1/aggregation").json()
        assert counts["result"]["measurement_count"] > 1000
        asked = f"start={until - 86_400}000&end={until}000&region=IS&product=21"
        video = httpx2.get(f"{mouths['google']['ZICHT_GOOGLE_URL']}/traffic/fraction?{asked}")
        assert video.text.startswith(")]}'")


def test_time_passes_at_the_speed_that_is_asked_for(tmp_path: Path) -> None:
    settings = tmp_path / "settings"
    begin = ("--from", "2025-03-12T09:00Z", "--env", str(settings))
    with running(CABLE, "--speed", "36000", *begin, "--only", "ioda") as mouths:
        address = mouths["ioda"]["ZICHT_IODA_URL"]
        assert settings.read_text(encoding="utf-8") == (
            f"export ZICHT_SIMULATED=1\nexport ZICHT_IODA_URL={address}\n"
        )
        since, until = int(LIVE.timestamp()), int(LIVE.timestamp()) + 30 * 86_400
        query = f"datasource=bgp&from={since}&until={until}"

        def newest() -> int:
            answer = httpx2.get(f"{address}/signals/raw/country/IS?{query}")
            return int(answer.json()["data"][0][0]["until"])

        first = newest()
        while newest() < first + 3600:
            pass  # a tenth of a second of ours


def test_servers_do_wrong_as_the_file_says(tmp_path: Path) -> None:
    faults = tmp_path / "faults.toml"
    faults.write_text('[[fault]]\nservice = "tor"\nkind = "html"\n', encoding="utf-8")
    with running(CABLE, "--faults", str(faults), "--only", "tor") as mouths:
        page = httpx2.get(f"{mouths['tor']['ZICHT_TOR_URL']}/userstats-relay-country.csv")
        assert (page.status_code, page.headers["Content-Type"][:9]) == (200, "text/html")


def test_addresses_answer_pings_in_a_network_of_their_own() -> None:
    if os.geteuid() != 0 or not Path("/dev/net/tun").exists() or not shutil.which("nsenter"):
        pytest.skip("a network namespace needs root, /dev/net/tun and nsenter")
    with running(CABLE, "--speed", "0", "--only", "pings") as mouths:
        enter = mouths["pings"]["address"].split()
        blocks = open_scenario(CABLE).blocks()
        fullest = ip_address(int(blocks.address[blocks.ever.argmax()]))
        probe = [sys.executable, "-m", "zicht", "--format", "json", "probe", "once"]
        options = ["--contact", "noc@example.org", "--rate", "2000", "--per-block", "100000"]
        done = subprocess.run(
            [*enter, *probe, f"{fullest}/24", *options, "--timeout", "1"],
            check=True,
            capture_output=True,
            timeout=120,
        )
        probed: dict[str, Any] = json.loads(done.stdout)
        assert probed["sent"] == 256
        assert probed["answered"] > 20


def test_routes_are_told_by_archives_and_live() -> None:
    options = ["--speed", "0", "--only", "archives", "--only", "ris-live"]
    with running(CABLE, *options) as mouths:
        archive = mouths["archives"]["ZICHT_RIS"]
        assert archive == mouths["archives"]["ZICHT_ROUTEVIEWS"]
        listed = httpx2.get(f"{archive}/rrc00/2025.03/")
        assert "bview.20250310.1600.gz" in listed.text
        updates = httpx2.get(f"{archive}/rrc00/2025.03/updates.20250310.1600.gz", timeout=120)
        assert updates.content.startswith(b"\x1f\x8b")  # gzip (RFC 1952)
        assert mouths["ris-live"]["ZICHT_RIS_LIVE"].startswith("ws://127.0.0.1:")


def test_a_router_speaks_to_who_listens_on_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        where = f"127.0.0.1:{listener.getsockname()[1]}"
        with running(CABLE, "--speed", "0", "--only", "bmp", "--bmp", where):
            listener.settimeout(60)
            talk, _ = listener.accept()
            with talk:
                assert talk.recv(1) == b"\x03"  # BMP's version (RFC 7854, section 4.1)


@pytest.mark.parametrize(
    ("arguments", "said", "code"),
    [
        (["nowhere"], "nowhere", 2),
        ([CABLE, "--only", "foghorn"], "foghorn", 2),
        ([CABLE, "--only", "bmp"], "--bmp", 2),
        ([CABLE, "--bmp", "192.0.2.1:11019"], "loopback", 2),
        ([CABLE, "--speed", "-1"], "speed", 2),
        ([CABLE, "--faults", "absent.toml"], "absent.toml", 2),
    ],
)
def test_what_cannot_be_run_is_told(arguments: list[str], said: str, code: int) -> None:
    done = subprocess.run(
        [*COMMAND, *arguments], capture_output=True, check=False, timeout=60, text=True
    )
    assert done.returncode == code
    assert said in done.stderr


def test_a_port_that_is_taken_is_told() -> None:
    with running(CABLE, "--speed", "0", "--only", "ioda") as mouths:
        port = mouths["ioda"]["address"].rpartition(":")[2]
        done = subprocess.run(
            [*COMMAND, CABLE, "--only", "ioda", "--port", port],
            capture_output=True,
            check=False,
            timeout=60,
            text=True,
        )
    assert done.returncode == 3
    assert f"port {port}" in done.stderr
