"""Habits that hold for every template."""

import re
from pathlib import Path

import pytest
from django.template import engines

ROOT = Path(__file__).resolve().parent.parent / "templates"
NAMES = sorted(str(path.relative_to(ROOT)) for path in ROOT.rglob("*.html"))
# Signing in and out, passwords and the language change nothing that could be done twice.
WITHOUT_KEY = {
    "includes/language.html",
    "includes/site_header.html",
    "creation/invitation.html",
    "registration/login.html",
    "registration/password_change.html",
}
FORM = re.compile(r'<form\b[^>]*method="post"[^>]*>.*?</form>', re.DOTALL | re.IGNORECASE)
COMMENT = re.compile(r"{% comment %}.*?{% endcomment %}|{#.*?#}", re.DOTALL)


def source(name):
    return COMMENT.sub("", (ROOT / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", NAMES)
def test_it_parses(name):
    engines["django"].get_template(name)


@pytest.mark.parametrize("name", NAMES)
def test_no_script_or_style_stands_inside(name):
    text = source(name)
    assert re.findall(r"<script(?![^>]*\bsrc=)[^>]*>", text) == []
    assert re.findall(r"<style|\sstyle=|\son[a-z]+=|hx-on|javascript:", text, re.IGNORECASE) == []


@pytest.mark.parametrize("name", NAMES)
def test_every_form_that_changes_something_has_its_key(name):
    for form in FORM.findall(source(name)):
        wanted = "{% csrf_token %}" if name in WITHOUT_KEY else "{% form_key"
        assert wanted in form, form[:120]


@pytest.mark.parametrize(
    "name", [n for n in NAMES if not n.startswith("includes/") and "/_" not in n and not n.startswith("_")]
)
def test_a_page_has_one_heading_of_the_first_rank(name):
    text = source(name)
    if name in {"base.html", "errors/plain.html"}:
        assert text.count("<h1") == 0
    else:
        assert text.count("<h1") + text.count('"includes/page_head.html"') == 1


@pytest.mark.parametrize("name", NAMES)
def test_after_a_mark_no_blank_stands_that_a_full_width_mark_does_not_have(name):
    """`{% gap %}` is the blank of the reader's language."""
    assert (
        re.findall(r"""[.:;]["'] %\}(?:</strong>)? (?=\{\{|\{% (?:translate|blocktranslate|if|for))""", source(name))
        == []
    )


# the values it names come from the request: what is inside may not
REMEMBERED_INSIDE = re.compile(r"{% remembered [^%]*%}(.*?){% endremembered %}", re.DOTALL)
INCLUDED = re.compile(r"""{% include ["']([^"']+)["']""")
OF_ONE_REQUEST = re.compile(r"{% (?:(?:form_key|csrf_token|may)\b|querystring (?!query ))|\b(?:request|user|frame)\.")


def with_what_it_includes(text):
    return text + "".join(with_what_it_includes(source(name)) for name in INCLUDED.findall(text))


@pytest.mark.parametrize("name", NAMES)
def test_what_is_remembered_holds_nothing_of_a_single_request(name):
    for part in REMEMBERED_INSIDE.findall(source(name)):
        assert OF_ONE_REQUEST.findall(with_what_it_includes(part)) == []
