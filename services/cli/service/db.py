"""`graticule db`: start, stop and inspect the database."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from typing import Annotated, Any

import typer
from psycopg import pq

from config import settings as configuration
from config.errors import EnvironmentFault
from config.setting_groups.origins import without_password
from config.settings import Settings
from records.database import postgis, schema
from records.database.engine import libpq_url, make_engine, translated_errors
from records.database.suitability import require_suitable
from services.cli.output import Json, print_objects
from services.serving.database import announce, database, require_catalogue

app = typer.Typer(
    help="Start, stop and inspect the database.",
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)

_EXTERNAL = "the database is the server of GRATICULE_DATABASE_URL; its operator starts and stops it"


@app.command()
def start() -> None:
    """Start the embedded database and let it run until `graticule db stop`."""
    settings = configuration.load()
    _embedded_only(settings)
    with database(settings, at_head=False):
        postgis.keep(settings.data_dir.absolute(), settings.database)
    _print('running; stop it with `graticule db stop`, use it with `psql "$(graticule db url)"`')


@app.command()
def stop(
    *, wait: Annotated[float, typer.Option(min=0, max=86400, help="Seconds to wait for those who use it.")] = 0.0
) -> None:
    """Stop the embedded database; refused while a command uses it."""
    settings = configuration.load()
    _embedded_only(settings)
    ran = postgis.release(announce(settings), settings.database, wait_s=wait)
    _print("stopped" if ran else "it was not running")


@app.command()
def status(*, as_json: Json = False) -> None:
    """Show where the database is, whether it runs, and the revision of its schema. Starts nothing."""
    settings = configuration.load()
    data_dir = announce(settings)
    external = settings.database.url.get_secret_value()
    members_ = _external_status(external, settings) if external else _embedded_status(settings)
    members = {"data_dir": str(data_dir)} | members_
    if as_json:
        print_objects([members])
        return
    for name, value in members.items():
        _print(f"{name:<16} {value}")


@app.command()
def url() -> None:
    """Print the URL of the database, with its password, for programs such as psql."""
    settings = configuration.load()
    data_dir = announce(settings)
    external = settings.database.url.get_secret_value()
    if external:
        _print(libpq_url(external))
        return
    state = require_catalogue(data_dir)
    if not state.running:
        sys.stderr.write("graticule: the database is not running; start it with `graticule db start`\n")
    _print(str(postgis.url_of(data_dir)))


@app.command()
def migrate() -> None:
    """Bring the schema to the revision this version of Graticule needs."""
    settings = configuration.load()
    with database(settings, at_head=False) as address:
        engine = make_engine(address, settings.database)
        try:
            with translated_errors():
                before, after = schema.migrate(engine)
        finally:
            engine.dispose()
    _print(f"schema {after}" + (", unchanged" if before == after else f", was {before or 'empty'}"))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def shell(context: typer.Context) -> None:
    """Open psql on the database; further arguments are psql's."""
    settings = configuration.load()
    with database(settings, create=False, at_head=False) as address:
        previous = signal.signal(signal.SIGINT, lambda *_: None)  # Ctrl-C ends psql's query, not this command
        try:
            done = subprocess.run([_psql(settings), *context.args], env=_psql_environment(address), check=False)  # noqa: S603
        finally:
            signal.signal(signal.SIGINT, previous)
    raise typer.Exit(done.returncode)


def _embedded_only(settings: Settings) -> None:
    if settings.database.url.get_secret_value():
        raise EnvironmentFault(_EXTERNAL)


def _embedded_status(settings: Settings) -> dict[str, Any]:
    state = require_catalogue(settings.data_dir.absolute())
    members: dict[str, Any] = {
        "server": "embedded",
        "cluster": str(state.state),
        "postgresql": state.major,
        "account": state.account,
        "log": str(state.log),
        "running": state.running,
        "kept": state.kept,
        "users": list(state.users),
    }
    address = postgis.url_of(settings.data_dir.absolute()) if state.running else None
    return members | (_schema(address, settings) if address else {})


def _external_status(address: str, settings: Settings) -> dict[str, Any]:
    facts = require_suitable(address, settings.database)
    members = {"server": without_password(address), "postgresql": facts.version // 10_000, "postgis": facts.postgis}
    return members | _schema(address, settings)


def _schema(address: str, settings: Settings) -> dict[str, Any]:
    engine = make_engine(address, settings.database)
    try:
        with translated_errors():
            return {"schema": schema.current(engine), "schema_needed": schema.head()}
    finally:
        engine.dispose()


def _psql(settings: Settings) -> str:
    path = shutil.which("psql")
    if path is None and not settings.database.url.get_secret_value():
        beside = postgis.find_installation(settings.database.bin_dir).program("psql")
        path = beside if os.access(beside, os.X_OK) else None
    if path is None:
        raise EnvironmentFault(
            "there is no psql; install the PostgreSQL client, such as `apt-get install postgresql-client`"
        )
    return path


def _psql_environment(address: str) -> dict[str, str]:
    """The address by environment: a command line is readable by every user of the machine."""
    options = pq.Conninfo.parse(libpq_url(address).encode())
    variables = {o.envvar.decode(): o.val.decode() for o in options if o.envvar and o.val is not None}
    return dict(os.environ) | variables


def _print(text: str) -> None:
    sys.stdout.write(text + "\n")
