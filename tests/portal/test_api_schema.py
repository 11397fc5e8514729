"""What the OpenAPI document promises is what is answered: generated questions, right and wrong ones, every check on."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import load_all_checks
from schemathesis.core.failures import FailureGroup
from schemathesis.pytest.lazy import get_all_tests

from creation import clock
from creation.actions import tokens
from portal.api import tokens as door
from portal.wsgi import application

pytestmark = pytest.mark.django_db
DOCUMENT = "/api/v1/openapi.json"
OF_TOKENS, OPEN = 13, 9  # operations
SEED = 5
QUESTIONS = settings(
    max_examples=5,
    derandomize=True,  # the same questions in every run
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(autouse=True)
def _many_wrong_tokens(monkeypatch):
    """Generated tokens are wrong by the dozen; how they are held back has a test of its own."""
    monkeypatch.setattr(door, "FAILURES", 10_000)


@pytest.fixture(autouse=True)
def _in_the_test_s_own_transaction():
    """Keep the connection open between questions, as Django's own test client does."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def faults(schema, headers, operations):
    """Return {operation: what is wrong} after asking every operation.

    schemathesis' own pytest plugin would build the scene anew for each operation.
    """
    load_all_checks()
    schema.config.seed = SEED
    asked, found = [], {}

    def ask(case):
        asked.append(case.operation.label)
        case.call_and_validate(headers=headers)

    for result in get_all_tests(schema=schema, test_func=ask, settings=QUESTIONS, given_kwargs=None):
        operation, test = result.ok()
        try:
            test()
        except FailureGroup as group:
            found[operation.label] = [f"{one.title}: {one.message}" for one in group.exceptions]
    assert len(set(asked)) == operations
    assert len(asked) > operations * 20
    return found


def the_document():
    return schemathesis.openapi.from_wsgi(DOCUMENT, application)


def test_with_a_token_every_answer_is_as_declared(scene, world):
    """Also the same questions with a wrong token and with none: that is one of the checks."""
    _row, token = tokens.make(name="schema", expires_on=clock.today(), by=world["viewer"])
    closed = the_document().exclude(path_regex="/open/")
    assert faults(closed, {"Authorization": f"Bearer {token}"}, OF_TOKENS) == {}


def test_without_a_token_every_open_answer_is_as_declared(scene):
    assert faults(the_document().include(path_regex="/open/"), {}, OPEN) == {}
