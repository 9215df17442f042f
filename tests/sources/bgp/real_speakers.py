"""Real BGP speakers on loopback: bird, gobgpd and exabgp, each started and ended by its id."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

PROGRAMS = ("bird", "birdc", "gobgpd", "exabgp")
_PLACES = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/usr/local/sbin"])
GOBGP_AS = 65001
BIRD_AS = 65010
EXABGP_AS = 65020
PATIENCE = 45.0  # seconds; a guard against hanging


def find(program: str) -> str | None:
    return shutil.which(program, path=_PLACES)


def missing_programs() -> list[str]:
    return [program for program in PROGRAMS if find(program) is None]


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def wait_until(is_so: Callable[[], bool], what: str) -> None:
    """Wait for something outside of this process."""
    end = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < end, f"in vain: {what}"
        time.sleep(0.05)


@contextmanager
def running(folder: Path, name: str, *arguments: str, **more: str) -> Iterator[None]:
    """A program that runs until the end of the block; what it said is in a file of its name."""
    program = find(name)
    assert program is not None
    with (folder / f"{name}.log").open("wb") as log:
        process = subprocess.Popen(
            [program, *arguments], stdout=log, stderr=log, cwd=folder, env=os.environ | more
        )
        try:
            yield
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def ask(*command: str) -> str:
    """What a speaker's control program answers."""
    program = find(command[0])
    assert program is not None
    answer = subprocess.run(
        [program, *command[1:]], capture_output=True, text=True, check=True, timeout=PATIENCE
    )
    return answer.stdout


@contextmanager
def gobgpd(
    folder: Path, *, port: int, bmp: int, neighbours: dict[str, int], views: str
) -> Iterator[None]:
    """GoBGP, which collects: it tells these views by BMP, and writes MRT.

    ``neighbours`` holds AS numbers by addresses. The name of the MRT file must have no digits:
    GoBGP takes them for parts of a time.
    """
    blocks = [
        f"""
[[neighbors]]
  [neighbors.config]
    neighbor-address = "{address}"
    peer-as = {asn}
  [neighbors.transport.config]
    passive-mode = true
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv4-unicast"
    [neighbors.afi-safis.add-paths.config]
      receive = true
  [[neighbors.afi-safis]]
    [neighbors.afi-safis.config]
      afi-safi-name = "ipv6-unicast"
"""
        for address, asn in neighbours.items()
    ]
    (folder / "gobgpd.toml").write_text(f"""
[global.config]
  as = {GOBGP_AS}
  router-id = "127.0.0.1"
  port = {port}
  local-address-list = ["127.0.0.1"]
[[bmp-servers]]
  [bmp-servers.config]
    address = "127.0.0.1"
    port = {bmp}
    route-monitoring-policy = "{views}"
[[mrt-dump]]
  [mrt-dump.config]
    dump-type = "updates"
    file-name = "updates.mrt"
{"".join(blocks)}
""")
    with running(
        folder,
        "gobgpd",
        *("--config-file", "gobgpd.toml", "--api-hosts", f"127.0.0.1:{free_port()}"),
        *("--pprof-disable", "--log-plain"),
    ):
        yield


@contextmanager
def bird(folder: Path, *, port: int, countries: dict[int, list[str]]) -> Iterator[None]:
    """BIRD, which announces to GoBGP; each country's prefixes have an origin AS of their own."""
    statics = [
        f"protocol static as{origin} {{\n  ipv4;\n"
        + "".join(f"  route {prefix} blackhole;\n" for prefix in prefixes)
        + "}\n"
        for origin, prefixes in countries.items()
    ]
    origins = "".join(
        f'  if proto = "as{origin}" then bgp_path.prepend({origin});\n' for origin in countries
    )
    (folder / "bird.conf").write_text(f"""
router id 127.0.0.10;
mrtdump "{folder}/bird.mrt";
mrtdump protocols all;
protocol device {{ }}
{"".join(statics)}
filter from_countries {{
{origins}
  accept;
}}
protocol bgp collector {{
  local 127.0.0.10 port {free_port()} as {BIRD_AS};
  neighbor 127.0.0.1 port {port} as {GOBGP_AS};
  multihop;
  connect delay time 1;
  connect retry time 1;
  error wait time 1,2;
  mrtdump all;
  ipv4 {{ import none; export filter from_countries; next hop address 192.0.2.10; }};
}}
""")
    with running(folder, "bird", "-f", "-c", "bird.conf", "-s", "bird.ctl", "-P", "bird.pid"):
        yield


@contextmanager
def exabgp(folder: Path, *, port: int, lines: list[str]) -> Iterator[None]:
    """ExaBGP, which announces by add-path.

    It is told ``lines``, and then those of the file ``more`` as soon as there is one.
    """
    (folder / "lines").write_text("".join(f"{line}\n" for line in lines))
    (folder / "speak").write_text(f"""
cat {folder}/lines
while [ ! -e {folder}/more ]; do sleep 0.1; done
cat {folder}/more
exec sleep 600
""")
    (folder / "exabgp.conf").write_text(f"""
process speaker {{
  run /bin/sh {folder}/speak;
  encoder text;
}}
neighbor 127.0.0.1 {{
  router-id 127.0.0.20;
  local-address 127.0.0.20;
  local-as {EXABGP_AS};
  peer-as {GOBGP_AS};
  connect {port};
  family {{ ipv4 unicast; ipv6 unicast; }}
  capability {{ add-path send; }}
  add-path {{ ipv4 unicast; }}
  api {{ processes [ speaker ]; }}
}}
""")
    with running(
        folder,
        "exabgp",
        "exabgp.conf",
        **{
            "exabgp.daemon.user": "root" if os.geteuid() == 0 else os.environ.get("USER", "nobody"),
            "exabgp.tcp.bind": "",
            "exabgp.api.ack": "false",
            "exabgp.api.cli": "false",
        },
    ):
        yield


def birdc(folder: Path, *command: str) -> str:
    return ask("birdc", "-s", str(folder / "bird.ctl"), *command)
