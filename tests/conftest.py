"""What every test stands on. The cast of people is in tests/cast.py."""

import os
import shutil
import socket
import time
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings as portal_settings
from django.db import DatabaseError, connection, transaction
from django.test import TransactionTestCase
from django.utils import translation

from creation.guards import without_guards

pytest_plugins = ["tests.cast", "tests.scene"]

FLUSHES = 3  # more times the tables are emptied after a deadlock
WRITTEN_ONCE = {"django_content_type", "auth_permission"}  # by Django, for the models there are
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
# Playwright's synchronous API runs inside an event loop, which Django takes for asynchronous code.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"


def _redis_answers():
    """Return whether the server named by REDIS_URL accepts connections."""
    where = urlsplit(portal_settings.REDIS_URL)
    try:
        socket.create_connection((where.hostname or "127.0.0.1", where.port or 6379), timeout=1).close()
    except OSError:
        return False
    return True


NEEDS = {
    "browser": (
        lambda: Path(CHROMIUM).exists(),
        "Chromium is missing (apt-get install --no-install-recommends chromium)",
    ),
    "postgres": (
        lambda: connection.vendor == "postgresql",
        "PostgreSQL is not used (apt-get install postgresql, then DATABASE_URL=postgres://user@127.0.0.1/name)",
    ),
    "redis": (
        lambda: bool(portal_settings.REDIS_URL) and _redis_answers(),
        "Redis is not used (apt-get install redis-server, then REDIS_URL=redis://127.0.0.1:6379/0)",
    ),
}


def _missing():
    """Return for each marker whose means are missing the line that says what to do."""
    return {marker: line for marker, (is_there, line) in NEEDS.items() if not is_there()}


def _must_exist(marker):
    """Return whether its absence fails: in CI always, but the run on the embedded default has no servers on purpose."""
    return os.environ.get("CI") == "true" and not (
        marker in {"postgres", "redis"} and os.environ.get("EMBEDDED") == "1"
    )


def pytest_report_header():
    """Return one line for each thing that is missing, with the command that installs it."""
    return [f"{line}; its tests are skipped" for line in _missing().values()]


def pytest_collection_modifyitems(items):
    """Skip, or in CI fail, the tests whose means are missing."""
    missing = _missing()
    for item in items:
        for marker, line in missing.items():
            if item.get_closest_marker(marker):
                item.add_marker(pytest.mark.absent(line) if _must_exist(marker) else pytest.mark.skip(reason=line))


def pytest_runtest_setup(item):
    """Fail a test whose means are missing although they must be there."""
    absent = item.get_closest_marker("absent")
    if absent:
        pytest.fail(absent.args[0], pytrace=False)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    """Return how Debian's Chromium is started: it looks for no hosts of its own; root needs it without a sandbox."""
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-gpu"]
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": quiet + root}


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker):
    """End what the threads of a live server still hold open, or PostgreSQL would not let the test database go."""
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )


@pytest.fixture(autouse=True)
def _portal_for_tests(settings, tmp_path):
    """Cheap hashes, files that end with the test, and no language left behind by an earlier one."""
    translation.deactivate()
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.DEMO_CLOCK_FILE = tmp_path / "demo_clock"


@contextmanager
def _waiting_for_locks(seconds):
    """Wait no longer than so many seconds for what others hold; PostgreSQL alone would wait for ever."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET lock_timeout = %s", [f"{seconds}s"])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET lock_timeout")


def _end_what_is_left_open():
    """End the transactions that a thread of a test left open behind it."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
                " AND pid <> pg_backend_pid() AND state LIKE 'idle in transaction%'"
            )


def _empty_the_tables():
    """Delete the rows of every table that has any.

    Django's own way empties all tables and writes down kinds and permissions anew each time, which takes ten times as
    long. As there, PostgreSQL waits for whoever still writes.
    """
    quoted = connection.ops.quote_name
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False)) - WRITTEN_ONCE
    names = [quoted(table) for table in sorted(tables)]
    with without_guards(), _waiting_for_locks(20), transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(f"LOCK TABLE {', '.join(names)} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(" UNION ALL ".join(f"SELECT '{name}' WHERE EXISTS (SELECT 1 FROM {name})" for name in names))
        for (name,) in cursor.fetchall():
            cursor.execute(f"DELETE FROM {name}")


@pytest.fixture(scope="session", autouse=True)
def _emptied_in_spite_of_guards():
    """A transactional test ends by emptying all tables, which the database's guards refuse to anybody else."""
    original = TransactionTestCase._fixture_teardown

    def teardown(self):
        for _try in range(FLUSHES):
            try:
                return _empty_the_tables()
            except DatabaseError:  # a page that saves by itself may still be asking while the tables are emptied
                time.sleep(1)
        _end_what_is_left_open()
        return _empty_the_tables()

    TransactionTestCase._fixture_teardown = teardown
    yield
    TransactionTestCase._fixture_teardown = original
