"""The shape of the code: who imports whom, who writes a stage."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
APPS = ("creation", "reviews", "portal")  # each may import from itself and from those before it

# A file imports only from levels below its own, or from the same level; the first fitting name counts.
LEVELS = [
    (r"(creation\.(stages|scoring|rubrics|credit_code|clock|errors)|reviews\.(sampling|workdays))$", 0),
    (r"(creation|reviews)\.(rules|querysets|guards)$", 1),
    (r"(creation|reviews)\.models(\.|$)", 2),
    (r"(creation|reviews)\.migrations(\.|$)", 9),
    (r"reviews\.rates$", 3),
    (r"(creation|reviews)\.actions(\.|$)", 4),
    (r"(creation|reviews)\.views(\.|$)", 6),
    (r"(creation|reviews)\.urls$", 6),
]
# Helpers without a noun of their own stand below the verbs, forms and files above them.
EDGE = re.compile(r"(creation|reviews)\.(forms|importing|exporting|tasks|management|demo|templatetags)(\.|$)")


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


def stage_writes(tree):
    """Return (function, line) of each place that sets an attribute `stage` or updates a column of that name."""
    found = []
    for function in [tree, *(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef))]:
        for node in ast.walk(function):
            if isinstance(node, ast.Assign | ast.AugAssign):
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                if any(isinstance(t, ast.Attribute) and t.attr == "stage" for t in targets):
                    found.append((getattr(function, "name", ""), node.lineno))
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and node.func.attr in {"update", "bulk_update"}
                and any(k.arg == "stage" for k in node.keywords)
            ):
                found.append((getattr(function, "name", ""), node.lineno))
    inner = {line for name, line in found if name}
    return [(name, line) for name, line in found if name or line not in inner]


def test_only_move_writes_a_stage():
    elsewhere = [
        f"{name}:{line} in {function or 'the module'}"
        for name, tree in TREES.items()
        if ".migrations" not in name
        for function, line in stage_writes(tree)
        if not (name.startswith("creation.actions") and function == "move")
    ]
    assert elsewhere == []


@pytest.mark.parametrize("code", ["def f(a):\n    a.stage = 'x'", "def f(q):\n    q.filter(pk=1).update(stage='x')"])
def test_a_write_elsewhere_would_be_found(code):
    assert [function for function, _line in stage_writes(ast.parse(code))] == ["f"]


def test_no_lock_file_names_a_host():
    for name in ("requirements.txt", "requirements-dev.txt", "package-lock.json", ".npmrc"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert re.findall(r'"resolved"|index-url|find-links|file:|@ ?https?:|^https?:', text, re.MULTILINE) == [], name
