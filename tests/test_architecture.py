"""The shape of the code: who imports whom, who writes a stage."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("creation", "reviews", "portal")  # each may import from itself and from those before it

# A file imports only from levels below its own, or from the same level; the first fitting name counts.
LEVELS = [
    (
        r"(creation\.(stages|scoring|rubrics|checks|credit_code|clock|errors)|reviews\.(assigning|codes|deviations|pace|proofs|sampling|sheets|webhook_signatures|workdays))$",
        0,
    ),
    (r"creation\.message_kinds$", 0),
    (r"creation\.(doorbell|energy|pdf|spreadsheets|standard_file|together|uploads)$", 0),
    (r"reviews\.archiving$", 0),
    (r"reviews\.offline\.", 0),  # stand-alone programs for download
    (r"(creation|reviews)\.(rules|querysets|guards|frozen)$", 1),
    (r"(creation|reviews)\.models(\.|$)", 2),
    (r"(creation|reviews)\.migrations(\.|$)", 9),
    (r"(creation|reviews)\.recipients$", 3),
    (r"reviews\.settled$", 3),
    (r"reviews\.published$", 3),
    (r"reviews\.claims$", 3),
    (r"reviews\.(open_data|sending)$", 5),
    (r"reviews\.(changes|corrections|counted|counting|occurrences|rated_twice|rates)$", 3),
    (r"(creation|reviews)\.actions(\.|$)", 4),
    (r"(creation|reviews)\.views(\.|$)", 6),
    (r"(creation|reviews)\.urls(\.|$)", 6),
]
# Helpers without a noun of their own stand below the verbs, forms and files above them.
EDGE = re.compile(r"(creation|reviews)\.(archives|forms|importing|exporting|tasks|management|demo|templatetags)(\.|$)")


def sources():
    return sorted(path for app in APPS for path in (ROOT / app).rglob("*.py"))


def name_of(path):
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {name_of(path): path for path in sources()}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}


def imports_of(name, tree):
    """Return the project's own modules that a module imports, a package's submodules by their full names."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name} uses a relative import"
            for alias in node.names:
                deeper = f"{node.module}.{alias.name}"
                found.add(deeper if deeper in MODULES else node.module)
    return {target for target in found if target in MODULES}


GRAPH = {name: imports_of(name, tree) for name, tree in TREES.items()}


def level(name):
    for pattern, number in LEVELS:
        if re.match(pattern, name):
            return number
    return 5 if EDGE.match(name) else None


def arrows():
    return [(name, target) for name, targets in GRAPH.items() for target in targets]


def test_imports_point_one_way_between_the_rooms():
    against = [
        (name, target) for name, target in arrows() if APPS.index(name.split(".")[0]) < APPS.index(target.split(".")[0])
    ]
    assert against == []


def test_every_module_of_the_two_rooms_has_a_level():
    without = {name for name in MODULES if name.startswith(("creation", "reviews")) and level(name) is None}
    assert without == {"creation", "creation.apps", "reviews", "reviews.apps"}


def test_imports_point_downwards_inside_a_room():
    upwards = [
        (name, target)
        for name, target in arrows()
        if name.split(".")[0] == target.split(".")[0]
        and level(name) is not None
        and level(target) is not None
        and level(name) < level(target)
    ]
    assert upwards == []


def cycle(graph):
    """Return one cycle of the graph as a list of names, or an empty list."""
    done, path = set(), []

    def visit(name):
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return []
        path.append(name)
        for target in sorted(graph.get(name, ())):
            if found := visit(target):
                return found
        path.pop()
        done.add(name)
        return []

    return next((found for name in sorted(graph) if (found := visit(name))), [])


def test_no_cycle():
    assert cycle(GRAPH) == []


def test_a_cycle_would_be_found():
    assert cycle({"a": {"b"}, "b": {"c"}, "c": {"a"}}) == ["a", "b", "c", "a"]


def test_no_import_inside_a_function():
    inside = [
        f"{name}:{inner.lineno}"
        for name, tree in TREES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        for inner in ast.walk(node)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    ]
    assert inside == []


WRITERS = {"update", "create", "get_or_create", "update_or_create"}
DOORS = {("creation.actions.moves", "move"), ("creation.actions.files", "start")}


def names_stage(node):
    """Return whether a list, tuple, set or dict names the column `stage`."""
    parts = node.keys if isinstance(node, ast.Dict) else getattr(node, "elts", ())
    return any(isinstance(part, ast.Constant) and part.value == "stage" for part in parts)


def writes_stage(node):
    """Return whether a statement or call sets an attribute or a column of the name `stage`, in whatever way."""
    if isinstance(node, ast.Assign | ast.AugAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        single = [each for target in targets for each in getattr(target, "elts", [target])]
        return any(isinstance(target, ast.Attribute) and target.attr == "stage" for target in single)
    if not isinstance(node, ast.Call):
        return False
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if name == "setattr":
        return isinstance(node.args[1], ast.Constant) and node.args[1].value == "stage"
    if name == "bulk_update":
        return any(names_stage(each) for each in [*node.args, *(keyword.value for keyword in node.keywords)])
    if any(keyword.arg == "update_fields" and names_stage(keyword.value) for keyword in node.keywords):
        return True
    return name in WRITERS | {"Assessment"} and any(
        keyword.arg == "stage" or (keyword.arg in {None, "defaults"} and names_stage(keyword.value))
        for keyword in node.keywords
    )


def stage_writes(tree):
    """Return (function, line) of each place that writes a stage; (empty, line) outside of functions."""
    found = []
    for function in [tree, *(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))]:
        lines = {node.lineno for node in ast.walk(function) if writes_stage(node)}
        found += [(getattr(function, "name", ""), line) for line in sorted(lines)]
    inner = {line for name, line in found if name}
    return [(name, line) for name, line in found if name or line not in inner]


def test_only_move_writes_a_stage_and_only_start_the_first_one():
    writes = [
        (name, function)
        for name, tree in TREES.items()
        if ".migrations" not in name
        for function, _line in stage_writes(tree)
    ]
    assert set(writes) == DOORS


@pytest.mark.parametrize(
    "code",
    [
        "a.stage = 'x'",
        "a.stage, a.other = 'x', 1",
        "q.filter(pk=1).update(stage='x')",
        "q.update(**{'stage': 'x'})",
        "q.bulk_update(rows, ['stage'])",
        "a.save(update_fields=['stage'])",
        "setattr(a, 'stage', 'x')",
        "q.create(stage='x')",
        "q.update_or_create(pk=1, defaults={'stage': 'x'})",
        "Assessment(stage='x')",
    ],
)
def test_a_write_elsewhere_would_be_found(code):
    assert [function for function, _line in stage_writes(ast.parse(f"def f(a, q):\n    {code}"))] == ["f"]


def test_reading_a_stage_is_no_write():
    assert stage_writes(ast.parse("def f(q):\n    return q.filter(stage='x').update(other=1), q[0].stage")) == []


# --- verbs say who acts --------------------------------------------------------------------------------------------

CHANGES = {"create", "bulk_create", "get_or_create", "update_or_create", "save", "update", "bulk_update", "delete"}
# What changes or guards something without a person: each with the reason.
NOBODY_ACTS = {
    "creation.actions.counts.counts_changed": "part of the verbs that change what is counted",
    "creation.actions.cycles.check_window": "a condition, the same for everybody",
    "creation.actions.files.admit": "part of the verbs that ask people to look at a file",
    "creation.actions.files.hold_for_editing": "a lock, part of the verbs that edit",
    "creation.actions.people.send_invitation": "sends what `invite` has decided",
    "creation.actions.places.rebuild_region_paths": "derived from the tree, part of the import of regions",
    "creation.actions.recognitions.refuse_day": "a condition, the same for everybody",
    "creation.actions.tokens.use": "a program comes with its token, and its owner is the answer",
    "reviews.actions.approvals.publish_due": "the notice names who approved it",
    "reviews.actions.approvals.ring_for_the_next": "rings, and changes nothing",
    "reviews.actions.archives.clear_old": "the timetable deletes what the setting says, nobody decides",
    "reviews.actions.brought.laid_down": "part of the verb of people without an account",
    "reviews.actions.digests.send_digests": "the timetable sends, nobody decides",
    "reviews.actions.digests.write_digests": "the timetable writes, nobody decides",
    "reviews.actions.doors.forget": "the timetable clears up, nobody decides",
    "reviews.actions.doors.knock": "whoever knocks has no account",
    "reviews.actions.doors.spend": "part of the verbs of people without an account",
    "reviews.actions.erasing.erase_due": "the timetable erases what the round's setting says, nobody decides",
    "reviews.actions.inspections.refuse_unsettled": "a condition, the same for everybody",
    "reviews.actions.objections.object_to": "the public needs no account",
    "reviews.actions.objections.set_aside": "the public needs no account",
    "reviews.actions.photos.clear_abandoned": "the worker clears up what stopped coming, nobody decides",
    "reviews.actions.rates.recount": "the worker counts, nobody decides",
    "reviews.actions.rates.recount_all": "the worker counts, nobody decides",
    "reviews.actions.recognitions.carry_out": "the order names who gave it",
    "reviews.actions.teams.refuse_conflicts": "a condition, the same for everybody",
    "reviews.actions.webhooks.claim": "the worker sends, nobody decides",
    "reviews.actions.webhooks.note_occurrences": "the worker reads what happened, nobody decides",
    "reviews.actions.webhooks.not_taken": "the other system has answered",
    "reviews.actions.webhooks.refuse_address": "a condition, the same for everybody",
    "reviews.actions.webhooks.taken": "the other system has answered",
}


def only_answers(function):
    """Return whether a function says that it returns something, and calls nothing that would write."""
    says = (ast.get_docstring(function) or "").startswith(("Return ", "Tell ", "Yield "))
    calls = {
        node.func.attr
        for node in ast.walk(function)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
    }
    return says and not calls & CHANGES


def verbs_without_by(name, tree):
    """Return the public functions of a module that may change something and do not ask by keyword who acts."""
    return [
        f"{name}.{function.name}"
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        and not function.name.startswith("_")
        and "by" not in {argument.arg for argument in function.args.kwonlyargs}
        and not only_answers(function)
    ]


def test_every_verb_asks_by_keyword_who_acts():
    found = [verb for name, tree in TREES.items() if ".actions." in name for verb in verbs_without_by(name, tree)]
    assert sorted(found) == sorted(NOBODY_ACTS)


@pytest.mark.parametrize(
    ("code", "found"),
    [
        ("def f(a, by): 'Change it.'", ["m.f"]),
        ("def f(a): 'Return it.'; a.save()", ["m.f"]),
        ("def f(a, *, by): 'Change it.'", []),
        ("def f(a): 'Return it.'; return a", []),
        ("def _f(a): a.save()", []),
    ],
)
def test_a_verb_that_does_not_would_be_found(code, found):
    assert verbs_without_by("m", ast.parse(code)) == found


def test_no_lock_file_names_a_host():
    for name in ("requirements.txt", "requirements-dev.txt", "package-lock.json", ".npmrc"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert re.findall(r'"resolved"|index-url|find-links|file:|@ ?https?:|^https?:', text, re.MULTILINE) == [], name
