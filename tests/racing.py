"""Calls that begin at the same moment: what the tests of races need."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

from django.db import connection

from creation.errors import Refused
from creation.models import Assessment

THREADS = 8
CLICKS = 50


def at_once(*calls):
    """Let all calls begin at the same moment, each on its own connection; return what each gave or raised."""
    gate = Barrier(len(calls))

    def run(call):
        try:
            connection.ensure_connection()
            gate.wait(timeout=60)
            return call()
        except Refused as refused:
            return refused
        finally:
            connection.close()

    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(run, call) for call in calls]]


def winners(outcomes):
    return [outcome for outcome in outcomes if not isinstance(outcome, Refused)]


def copy_of(assessment):
    return Assessment.objects.with_places().get(pk=assessment.pk)
