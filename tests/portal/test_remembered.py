"""A remembered part of a page is what would be written anew: other facts, another language, another text."""

from datetime import date
from decimal import Decimal

import pytest
from django.template import Context, Engine, TemplateSyntaxError
from django.utils import translation
from django.utils.safestring import mark_safe

from creation.models import Region
from portal.templatetags.remembered import MOST

ENGINE = Engine(libraries={"remembered": "portal.templatetags.remembered", "i18n": "django.templatetags.i18n"})


def template(inside, values="one=one"):
    return ENGINE.from_string(f"{{% load i18n remembered %}}{{% remembered {values} %}}{inside}{{% endremembered %}}")


def shown(asked, **context):
    return asked.render(Context(context))


@pytest.mark.parametrize(
    "facts",
    [
        ["<b>", mark_safe("<b>"), "<b>"],
        [1, True, 1.0, Decimal(1), Decimal("1.00"), "1"],
        [["a", "b"], ["b", "a"], ("a", "b")],
        [date(2026, 1, 1), date(2026, 1, 2), None],
    ],
)
def test_facts_that_only_look_alike_are_told_apart(facts):
    part = template("{{ one }}")
    fresh = [shown(template("{{ one }}"), one=one) for one in facts]
    assert [shown(part, one=one) for one in facts * 2] == fresh * 2


def test_a_row_that_was_changed_is_another_fact():
    part = template("{{ one.name }}")
    before, after = Region(pk=1, name="东城区"), Region(pk=1, name="西城区")
    assert [shown(part, one=one) for one in (before, after, before)] == ["东城区", "西城区", "东城区"]


def test_each_language_has_its_own_text():
    part = template("{% translate 'Files' %}{{ one }}")
    for language in ("zh-hans", "en", "zh-hans"):
        with translation.override(language):
            assert shown(part, one=1) == f"{translation.gettext('Files')}1"


def test_it_is_written_once():
    written = []
    part = template("{{ one.text }}")
    Noting.written = written
    assert [shown(part, one=Noting()) for _time in range(3)] == ["text"] * 3
    assert len(written) == 1


class Noting:
    """Counts how often it is shown; all of them are the same fact."""

    written: list

    @property
    def text(self):
        self.written.append(1)
        return "text"


def test_it_sees_nothing_but_what_it_names():
    assert shown(template("{{ one }}{{ other }}"), one=1, other=2) == "1"


def test_it_may_not_ask_the_database(db):
    with pytest.raises(RuntimeError, match="asks the database"):
        shown(template("{% for region in one %}{{ region }}{% endfor %}"), one=Lazy())


class Lazy:
    """Looks like plain facts and asks when it is shown."""

    def __iter__(self):
        return iter(Region.objects.all())


def test_what_nobody_asked_for_lately_is_forgotten():
    part = template("{{ one.text }}{{ number }}", "one=one number=number")
    Noting.written = []
    for number in [*range(MOST + 1), MOST, 0]:
        shown(part, one=Noting(), number=number)
    assert len(Noting.written) == MOST + 2  # the last one is known, the first one was forgotten


@pytest.mark.parametrize("values", ["", "one", "one=one two"])
def test_a_part_without_named_values_is_refused(values):
    with pytest.raises(TemplateSyntaxError):
        template("{{ one }}", values)
