"""How fast managers' pages answer, on one worker, over the made-up use of 120 sites and 18 months: `uv run python bench/dashboard.py`.

"first" are addresses asked for the first time since the start, whose charts are not drawn yet; "again" the same ones later. The server
is a process of its own. "CPU" is what the server worked for an answer, which other work on the machine does not change much. The last
column is the 95th percentile of both as a share of the 200 ms that are allowed.
"""

from __future__ import annotations

import multiprocessing
import os
import platform
import random
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import httpx

ALLOWED_MS = 200.0
VARIANTS = 25


def serve(port: int, database: str, sites: str) -> None:
    """One worker with a manager signed in."""
    from api.app import create_app
    from api.dashboard.ahead import draw_ahead
    from api.dashboard.endpoints import add_dashboard
    from api.dashboard.source import make_source
    from api.server import make_server
    from api.sign_in import Person, Role, add_sign_in, load_sign_in_settings, signed_in
    from bot.settings import Settings
    from cli.service import prepare_service

    settings = Settings(database_url=database, sites=Path(sites), port=port)
    service = prepare_service(settings)
    app = create_app(service.conversation, service.sessions, settings)
    add_sign_in(app, load_sign_in_settings(), settings, show=lambda link: None)
    source = make_source(settings)
    add_dashboard(app, source)
    app.dependency_overrides[signed_in] = lambda: Person(frozenset({Role.MANAGER}), "token")
    draw_ahead(source)
    make_server(app, "127.0.0.1", port).run()


@contextmanager
def served() -> Iterator[tuple[httpx.Client, int]]:
    """A client of a server over a new made-up database, and the server's process id."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as found:
        database, sites = f"sqlite:///{folder}/demo.db", f"{folder}/sites.yml"
        handrail = str(Path(sys.executable).with_name("handrail"))
        subprocess.run(
            [handrail, "demo-usage", "--database", database, "--sites", sites], check=True, stdout=subprocess.DEVNULL
        )
        found.bind(("127.0.0.1", 0))
        port = found.getsockname()[1]
        found.close()
        server = multiprocessing.get_context("spawn").Process(target=serve, args=(port, database, sites))
        server.start()
        try:
            with httpx.Client(
                base_url=f"http://127.0.0.1:{port}", timeout=60, headers={"Accept": "text/html"}
            ) as client:
                while not _is_up(client):
                    assert server.is_alive(), "the server did not start"
                    time.sleep(0.2)
                assert server.pid is not None
                yield client, server.pid
        finally:
            server.terminate()
            server.join()


def _is_up(client: httpx.Client) -> bool:
    try:
        return client.get("/health").status_code == 200
    except httpx.TransportError:
        return False


def addresses(client: httpx.Client) -> dict[str, list[str]]:
    """Addresses to ask for, by page: without filters, and with periods, regions and items drawn from a fixed seed."""
    drawn = random.Random(4)
    tables = {one["id"]: one for one in client.get("/usage/tables").json()["tables"]}
    pages = {
        "/dashboard": "channels",
        "/dashboard/sites": "sessions-by-site",
        "/dashboard/topics": "topics-by-region",
        "/dashboard/channels": "channels",
        "/dashboard/outcomes": "outcomes",
        "/dashboard/helped": "helped",
        "/dashboard/risk": "risk-answers",
    }
    found = {"/dashboard/protection": ["/dashboard/protection"]}
    for path, table in pages.items():
        first, last = tables[table]["first"], tables[table]["last"]
        whole = client.get(f"/usage/tables/{table}?from={first}&to={last}&by=period-and-item&page_size=1000").json()[
            "rows"
        ]
        periods = sorted({row["period"] for row in whole} | {first, last})
        items = sorted({row["item"]["id"] for row in whole})
        regions = [one["id"] for one in tables[table]["regions"] if one["id"] != "national"]
        asked = [path, f"{path}?from={first}&to={last}"]
        for _ in range(VARIANTS):
            span = sorted(drawn.sample(periods, 2))
            filters = (
                [""] + [f"&region={one}" for one in regions] + ([f"&item={one}" for one in items] if regions else [])
            )
            asked.append(f"{path}?from={span[0]}&to={span[1]}{drawn.choice(filters)}")
        found[path] = asked
    months = tables["channels"]
    options = client.get(f"/usage/tables/channels?from={months['first']}&to={months['last']}&by=period").json()["rows"]
    found["/dashboard/report"] = [f"/dashboard/report?month={row['period']}" for row in options]
    found["/usage/tables/..."] = [f"/usage/tables/{table}?by=item" for table in tables if tables[table]["first"]]
    return found


@dataclass(frozen=True)
class Answer:
    """How long an answer took, and how long the server worked for it, in ms."""

    wall: float
    cpu: float


def ask(client: httpx.Client, address: str, server: int) -> Answer:
    worked, began = cpu_milliseconds(server), time.perf_counter()
    client.get(address).raise_for_status()
    wall = (time.perf_counter() - began) * 1000
    return Answer(wall, max(0.0, cpu_milliseconds(server) - worked))


def cpu_milliseconds(process: int) -> float:
    """What the threads of a process have run for (Linux)."""
    return sum(int(file.read_text().split()[0]) for file in Path(f"/proc/{process}/task").glob("*/schedstat")) / 1e6


def p95(times: list[float]) -> float:
    return statistics.quantiles(times, n=20, method="inclusive")[-1] if len(times) > 1 else times[0]


def main() -> None:
    print(f"{date.today()}, {os.cpu_count()} CPUs, load {os.getloadavg()[0]:.1f}, Python {platform.python_version()}")
    heads = ("p50 first", "p95 first", "p95 again", "CPU first", "CPU again", "p95/200 ms")
    print(f"{'page':<24}{'addresses':>10}" + "".join(f"{head:>12}" for head in heads))
    with served() as (client, server):
        asked = addresses(client)
        first = {page: [ask(client, one, server) for one in every] for page, every in asked.items()}
        again = {page: [ask(client, one, server) for _ in range(4) for one in every] for page, every in asked.items()}
    for page in asked:
        walls, worked = [one.wall for one in first[page]], [one.cpu for one in first[page]]
        walls_again, worked_again = [one.wall for one in again[page]], [one.cpu for one in again[page]]
        figures = (statistics.median(walls), p95(walls), p95(walls_again), p95(worked), p95(worked_again))
        share = p95(walls + walls_again) / ALLOWED_MS
        print(f"{page:<24}{len(asked[page]):>10}" + "".join(f"{one:>12.0f}" for one in figures) + f"{share:>12.2f}")
    every = [one for page in asked for one in first[page] + again[page]]
    wall, cpu = p95([one.wall for one in every]), p95([one.cpu for one in every])
    print(
        f"all: p95 {wall:.0f} ms, {wall / ALLOWED_MS:.2f} of what is allowed; p95 of CPU {cpu:.0f} ms; load {os.getloadavg()[0]:.1f}"
    )


if __name__ == "__main__":
    main()
