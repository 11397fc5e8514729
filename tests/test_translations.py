"""Two languages, complete: what is marked is collected, what is collected is translated, nothing is lost on the way."""

import ast
import re
from pathlib import Path

import polib
import pytest

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "portal" / "locale" / "zh_Hans" / "LC_MESSAGES" / "django.po"
# the names under which texts are collected
COLLECTED = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "pgettext", "pgettext_lazy"}
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%[sd]|\{\w+\}|<[^>]+>")


def entries():
    return [entry for entry in polib.pofile(str(CATALOGUE)) if not entry.obsolete]


def marked_in_code():
    """Return every text that the Python code marks, whatever the function is called there."""
    found = {}
    for path in sorted(path for app in ("creation", "reviews", "portal") for path in (ROOT / app).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in COLLECTED:
                index = 1 if node.func.id.startswith("pgettext") else 0
                if isinstance(node.args[index], ast.Constant):
                    found[node.args[index].value] = path.name
    return found


def test_translation_functions_keep_names_that_are_collected():
    strange = []
    for path in sorted(path for app in ("creation", "reviews", "portal") for path in (ROOT / app).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
                strange += [
                    (path.name, alias.asname)
                    for alias in node.names
                    if "gettext" in alias.name and (alias.asname or alias.name) not in COLLECTED
                ]
    assert strange == []


def test_every_text_of_the_code_is_in_the_catalogue():
    known = {entry.msgid for entry in entries()}
    assert {text: where for text, where in marked_in_code().items() if text not in known} == {}


def test_every_entry_is_translated_and_none_is_guessed():
    assert [entry.msgid for entry in entries() if not entry.translated() or entry.fuzzy] == []


def test_every_placeholder_and_tag_survives():
    def signs(text):
        return sorted(set(PLACEHOLDER.findall(text)))

    changed = []
    for entry in entries():
        chinese = entry.msgstr_plural[0] if entry.msgid_plural else entry.msgstr
        english = entry.msgid_plural or entry.msgid
        if signs(chinese) != signs(english) and signs(chinese) != signs(entry.msgid):
            changed.append(entry.msgid)
    assert changed == []


@pytest.mark.django_db
def test_people_read_chinese_from_the_first_page_to_the_reason_of_a_refusal(world, sign_in):
    client = sign_in("clerk")
    for path in ("/", "/self-rating/start/", "/rates/", "/files/"):
        text = client.get(path, headers={"accept-language": "zh-CN"}).content.decode()
        assert '<html lang="zh-hans">' in text
        shown = re.sub(r"<(script|style|head|nav class=\"languages\").*?</\1>", "", text, flags=re.DOTALL)
        words = set(re.findall(r">\s*([A-Z][a-z]+ [a-z]+[^<]*)<", shown))
        assert words == set(), path
