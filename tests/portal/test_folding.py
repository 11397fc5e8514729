"""Templates made ready for a language show what Django's own would have shown, in whatever language is asked next."""

from threading import Thread

import pytest
from django.template import Context, Engine
from django.template.loaders.locmem import Loader as Given
from django.urls import set_script_prefix
from django.utils import translation

from portal.folding import Loader

OURS = "portal.folding.Loader"
DJANGOS = "django.template.loaders.cached.Loader"
BUILTINS = ["portal.templatetags.gap", "django.templatetags.i18n", "django.templatetags.static"]
TEMPLATES = {
    "base": "<title>{% block title %}{% translate 'Files' %}{% endblock %}</title>{% block rest %}{% endblock %}",
    "child": "{% extends 'base' %}{% block title %}{{ block.super }}{% gap %}{% translate 'Register' %}{% endblock %}"
    "{% block rest %}{% translate 'Region' as label %}{% for one in many %}{% include 'row' %}{% endfor %}"
    "{% endblock %}",
    "row": "<a href=\"{% url 'organ_list' %}\" title=\"{% translate 'Region' %}\">{{ label }}: {{ one }}</a>"
    "{% if one == 'b' %}{% translate 'Recognised' context 'column' %}{% else %}{% gap %}{% static 'js/early.js' %}"
    "{% endif %}",
    "block": "{% blocktranslate %}Register{% endblocktranslate %}"
    "{% blocktranslate %}Version {{ v }}{% endblocktranslate %}",
    "other": "{% translate 'Files' %}{% language 'en' %}{% translate 'Files' %}{% endlanguage %}"
    "{% url 'organ_list' as u %}{{ u }}{% translate label %}{% translate 'Files'|upper %}{% url 'file_detail' 7 %}",
    "signs": "{% translate '100 %% <b>' %}{% translate '<i>' as sign %}{{ sign }}{{ sign|length }}",
    "missing": "{% if there %}{% url 'no_such_page' %}{% endif %}{% translate 'Files' %}",
}
FILLED = {"many": ["a", "b", "<c>"], "v": "1 <2>", "label": "Region"}


def engine(loader: str) -> Engine:
    return Engine(loaders=[(loader, [(f"{Given.__module__}.Loader", TEMPLATES)])], builtins=BUILTINS)


def shown(asked: Engine, name: str, language: str) -> str:
    with translation.override(language):
        return asked.get_template(name).render(Context(FILLED))


@pytest.mark.parametrize("name", sorted(set(TEMPLATES) - {"row"}))
@pytest.mark.parametrize("languages", [("en", "zh-hans", "en"), ("zh-hans", "en", "zh-hans")])
def test_every_reader_is_shown_their_own_language(name, languages):
    ours, djangos = engine(OURS), engine(DJANGOS)
    assert [shown(ours, name, one) for one in languages] == [shown(djangos, name, one) for one in languages]


def test_what_is_the_same_for_everybody_is_written_out_once():
    with translation.override("en"):
        [text] = engine(OURS).get_template("other").nodelist[:1]
    assert text.render(Context()) == "Files"


def test_a_portal_below_another_address_leads_there():
    ours = engine(OURS)
    at_the_top = shown(ours, "other", "en")
    set_script_prefix("/portal/")
    try:
        below = shown(ours, "other", "en")
    finally:
        set_script_prefix("/")
    assert (at_the_top == below, below.count("/portal/")) == (False, 2)


def test_nobody_sees_a_template_half_ready():
    found = []
    ours = engine(OURS)
    readers = [Thread(target=lambda: found.append(shown(ours, "child", "zh-hans"))) for _ in range(16)]
    for reader in readers:
        reader.start()
    for reader in readers:
        reader.join()
    assert found == [shown(engine(DJANGOS), "child", "zh-hans")] * 16


def test_the_portal_itself_uses_it(settings):
    [[loader, _inner]] = settings.TEMPLATES[0]["OPTIONS"]["loaders"]
    assert (loader, Loader.__module__) == (OURS, "portal.folding")
