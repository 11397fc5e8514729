"""One person with a password of his own, for signing in; what he may do is of no matter here."""

import pytest
from django.contrib.auth import get_user_model

PASSWORD = "a-long-green-lamp"


@pytest.fixture
def person(db):
    user = get_user_model()(username="lin", name="林青")
    user.set_password(PASSWORD)
    user.save()
    return user
