"""``zicht lab run``."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zicht.cli.options import TIME

if TYPE_CHECKING:
    from zicht.lab.clock import LabClock
    from zicht.lab.serve.mouths import Opened, Stage

_COLUMNS = ("mouth", "address", "settings")


@click.command("run")
@click.argument("scenario")
@click.option("--seed", type=int, help="Another seed than the scenario's.")
@click.option("--size", type=float, default=1.0, show_default=True, help="How large a planet is.")
@click.option(
    "--speed",
    type=click.FloatRange(min=0),
    default=1.0,
    show_default=True,
    help="Seconds of the world in a real one; 0 makes it stand still.",
)
@click.option(
    "--from",
    "start",
    type=TIME,
    default=None,
    help="The world's time at which it starts.  [default: where the scenario's history ends]",
)
@click.option("--only", "only", multiple=True, metavar="MOUTH", help="Who speaks; may be repeated.")
@click.option(
    "--port",
    type=click.IntRange(0, 65000),
    default=0,
    help="The first mouth's port, the others' follow.  [default: any that are free]",
)
@click.option(
    "--bmp",
    metavar="HOST:PORT",
    help="Speak BMP, as a router, to who listens there on the loopback.",
)
@click.option(
    "--faults",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A TOML file of what the servers do wrong, and when.",
)
@click.option(
    "--env",
    "env",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the settings to this file once all speak, for a shell to read.",
)
@click.pass_obj
def command(obj: dict[str, Any], /, scenario: str, **options: Any) -> None:
    """Let a world speak: as the services that Zicht listens to, until interrupted.

    SCENARIO is one that is shipped, or a file. Each mouth speaks on the loopback alone, of what its
    service would have published by the world's time. The settings that are shown point Zicht's own
    commands at them. All that is said is made up.

    Addresses that answer pings are in a network of their own, which needs root; what stands before
    them in the table enters it: nsenter --net=... zicht probe once 1.2.3.0/24.
    """
    import asyncio
    import signal

    from zicht.cli.output import write_records
    from zicht.lab.clock import LabClock
    from zicht.lab.serve.faults import Faults, read_faults
    from zicht.lab.serve.mouths import Stage
    from zicht.lab.serve.running import chosen, run_world
    from zicht.lab.world import open_scenario

    mouths = chosen(options["only"])
    router = None if options["bmp"] is None else _loopback(options["bmp"])
    path = options["faults"]
    faults = Faults() if path is None else read_faults(path.read_bytes(), name=str(path))
    world = open_scenario(scenario, seed=options["seed"], size=options["size"])
    clock = LabClock(options["start"] or world.live_from, options["speed"])
    stage = Stage(scenario, options["seed"], options["size"], clock, faults, router)

    def opened(speaking: dict[str, Opened]) -> None:
        write_records(
            [
                {"mouth": name, "address": one.address, "settings": _shell(one, " ")}
                for name, one in speaking.items()
            ],
            obj["output_format"],
            _COLUMNS,
        )
        sys.stdout.flush()
        if options["env"] is not None:
            told = ["export ZICHT_SIMULATED=1\n"]
            if stage.clock.speed:
                told.append(f"export ZICHT_CLOCK={_clock(stage.clock)}\n")
            told += [f"export {_shell(one, ' ')}\n" for one in speaking.values() if one.settings]
            options["env"].write_text("".join(told), encoding="utf-8")
        click.echo(_time(stage, world.end), err=True)

    async def run() -> None:
        stopped = asyncio.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        await run_world(
            stage,
            mouths,
            port=options["port"],
            needed=bool(options["only"]),
            opened=opened,
            tell=lambda text: click.echo(text, err=True),
            stopped=stopped,
        )

    asyncio.run(run())


def _loopback(text: str) -> tuple[str, int]:
    """The host and port of a listener, on this machine alone."""
    import ipaddress

    from zicht.errors import UsageError
    from zicht.observe.watch_settings import listening_address

    host, port = listening_address(text)
    try:
        if ipaddress.ip_address(host).is_loopback:
            return host, port
    except ValueError:
        pass
    raise UsageError(f"{host} is not on the loopback.", "The lab speaks to 127.0.0.1 or ::1 alone.")


def _shell(one: Opened, between: str) -> str:
    return between.join(f"{name}={value}" for name, value in one.settings.items())


def _clock(clock: LabClock) -> str:
    """The world's clock as ``zicht watch`` takes it."""
    import time

    from zicht.model.time import format_time

    return f"{format_time(clock.now())},{clock.speed:g},{time.time():.3f}"


def _time(stage: Stage, end: Any) -> str:
    from zicht.model.time import format_time

    pace = f"{stage.clock.speed:g} times the speed" if stage.clock.speed else "a standstill"
    begin, until = format_time(stage.clock.begin), format_time(end)
    return f"The world runs at {pace} from {begin}; its data end at {until}. Ctrl-C ends it."
