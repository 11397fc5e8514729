"""Databases of the bench's own, made for a scale and removed afterwards; never that of the portal itself."""

import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

import psycopg2
from django.conf import settings
from django.db import connection

SUFFIX = "_bench"
FOLDER = settings.VAR_DIR / "bench"
LOCAL_SERVER = "postgres://postgres@127.0.0.1:5432/portal"
SQLITE, POSTGRES = "sqlite", "postgres"


class Unreachable(Exception):
    """No such server answers."""


@contextmanager
def own(kind: str, scale: str, *, keep: bool) -> Iterator[str]:
    """Make an empty database and yield its address; it is dropped afterwards unless it is to be kept."""
    make = _sqlite if kind == SQLITE else _postgres
    with make(scale, keep=keep) as address:
        yield address


@contextmanager
def _sqlite(scale: str, *, keep: bool) -> Iterator[str]:
    FOLDER.mkdir(parents=True, exist_ok=True)
    path = FOLDER / f"{scale}.sqlite3"
    _remove(path)
    try:
        yield f"sqlite:///{path}"
    finally:
        if not keep:
            _remove(path)


def _remove(path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        Path(f"{path}{end}").unlink(missing_ok=True)


@contextmanager
def _postgres(scale: str, *, keep: bool) -> Iterator[str]:
    given = os.environ.get("DATABASE_URL", "")
    server = urlsplit(given if given.startswith("postgres") else LOCAL_SERVER)
    name = f"{server.path.strip('/')}{SUFFIX}_{scale}"
    _on(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)', f'CREATE DATABASE "{name}"')
    try:
        yield _address(server, name)
    finally:
        if not keep:
            _on(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _address(server: SplitResult, name: str) -> str:
    return SplitResult(server.scheme, server.netloc, f"/{name}", "", "").geturl()


def _on(server: SplitResult, *statements: str) -> None:
    try:
        found = psycopg2.connect(_address(server, "postgres"), connect_timeout=3)
    except psycopg2.OperationalError as error:
        raise Unreachable(str(error).strip()) from error
    with closing(found):
        found.autocommit = True
        for statement in statements:
            with found.cursor() as cursor:
                cursor.execute(statement)


def refuse_any_other() -> None:
    """Raise unless the connected database is one that `own` has made: what follows writes without asking."""
    name = str(connection.settings_dict["NAME"])
    if SUFFIX not in name and Path(name).parent != FOLDER:
        msg = f"{name} is no database of the bench."
        raise RuntimeError(msg)
