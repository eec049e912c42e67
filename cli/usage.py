"""`handrail usage`: the published tables, closing periods, and the attack on what is published."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy.exc import SQLAlchemyError

from bot.settings import Settings
from bot.yaml_files import DataFileError

if TYPE_CHECKING:
    from sqlalchemy import Engine

    from api.usage.catalogue import Labels
    from api.usage.published import Row
    from api.usage.tables import TableId

MOST_LISTED = 100

usage_app = typer.Typer(invoke_without_command=True, help="Anonymous figures: what is published, and closing periods.")


@usage_app.callback()
def show(
    context: typer.Context,
    table: Annotated[str, typer.Option(help="Which table: see the list that this prints.")] = "sessions-by-site",
    by: Annotated[str, typer.Option(help="What to give totals for, such as period, group, item.")] = "cell",
    first: Annotated[str | None, typer.Option("--from", help="First week or month; default the newest.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last week or month; default the newest.")] = None,
    group: Annotated[str | None, typer.Option(help="Only this region.")] = None,
    item: Annotated[str | None, typer.Option(help="Only this site, topic, outcome, ...")] = None,
    all_: Annotated[bool, typer.Option("--all", help="List every row of a long table.")] = False,
) -> None:
    """Print a published table. Figures are noised and rounded; open weeks and months are not shown."""
    if context.invoked_subcommand is not None:
        return
    from api.usage.published import QueryError, parse_query, parse_table
    from api.usage.setup import make_labels, make_published

    settings = Settings()
    tables = make_published(settings, _database(settings))
    labels = make_labels(settings)
    asked = {"from": first, "to": last, "by": by, "group": group, "item": item}
    try:
        query = parse_query(tables, parse_table(table), {name: value for name, value in asked.items() if value})
        rows = tables.answer(query)
    except QueryError as error:
        raise DataFileError([f"{error} ({error.code})", _tables_there_are()]) from None
    if made_up := tables.made_up():
        typer.echo(made_up)
    span = f"{query.first}" if query.first == query.last else f"{query.first} to {query.last}"
    shown = Table(title=f"{query.table.value}, {span}", title_justify="left")
    for heading in ("period", "where", "what", "conversations"):
        shown.add_column(heading, justify="right" if heading == "conversations" else "left")
    listed = rows if all_ or len(rows) <= MOST_LISTED else [row for row in rows if row.figure.value is not None]
    for row in listed:
        shown.add_row(*_words(row, query.table, labels))
    Console(width=None if sys.stdout.isatty() else 160).print(shown)
    hidden = len(rows) - len(listed)
    typer.echo(f"{len(listed)} rows" + (f", and {hidden} with fewer than 10 (--all shows them)." if hidden else "."))
    typer.echo(_tables_there_are())


@usage_app.command()
def close() -> None:
    """Close the weeks and months that are over: add noise once, delete the exact counts. The service does so by itself."""
    from api.usage.closing import close_ended
    from api.usage.setup import rules_of

    settings = Settings()
    closed = close_ended(_database(settings), datetime.now(UTC), rules_of(settings))
    for table, period in closed:
        typer.echo(f"closed {table.value} {period}")
    typer.echo(f"{len(closed)} closed" if closed else "nothing to close: no week or month is over that was still open")


@usage_app.command()
def attack(worlds: Annotated[int, typer.Option(min=1, max=200, help="How many random worlds.")] = 20) -> None:
    """Attack what is published with an exact solver, beside usual schemes: how many small counts can be found out."""
    from cli.usage_attack import report

    for line in report(worlds):
        typer.echo(line)


def demo_usage(
    database: Annotated[str, typer.Option(help="Address of the database to make.")] = "sqlite:///var/demo-usage.db",
    sites: Annotated[Path, typer.Option(help="Where to write the made-up sites.")] = Path("var/demo-sites.yml"),
) -> None:
    """Make a database of 120 sites and 18 months of made-up use, to show managers the figures."""
    from api.usage.catalogue import load_catalogue
    from api.usage.demo import demo_sites, fill, write_sites
    from api.usage.setup import rules_of

    settings = Settings(database_url=database)
    made_up = demo_sites(settings.usage_site_staff)
    try:
        cells = fill(_database(settings), load_catalogue(settings.data, made_up), datetime.now(UTC), rules_of(settings))
    except ValueError as error:
        raise DataFileError(
            [f"Nothing was changed: {error}. To mend it: give another address with --database."]
        ) from None
    write_sites(made_up, sites)
    typer.echo(f"{cells:,} made-up figures of {len(made_up.sites)} made-up sites. To look at them:")
    typer.echo(f"  HANDRAIL_DATABASE_URL={database} HANDRAIL_SITES={sites} handrail usage --by period")


def _database(settings: Settings) -> Engine:
    from api.usage.setup import open_database

    try:
        return open_database(settings)
    except (SQLAlchemyError, OSError) as error:
        what = f"The database cannot be opened ({type(error).__name__})."
        raise DataFileError(
            [f"{what} To mend it: check HANDRAIL_DATABASE_URL and that the database is there."]
        ) from None


def _tables_there_are() -> str:
    from api.usage.tables import TableId

    return f"Tables: {', '.join(TableId)}."


def _words(row: Row, table: TableId, labels: Labels) -> tuple[str, str, str, str]:
    where = labels.group(row.group) if row.group else "all"
    what = labels.item(table, row.item) if row.item else "all"
    return str(row.period or "all"), where, what, str(row.figure)
