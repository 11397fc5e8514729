"""Templates that are made ready for one language: what is the same for every reader of it is written out once.

A page asks some hundred times for a text, an address or a file whose name stands in the template itself. The loader
keeps each template once for each language, with the answers in place of the questions, so that a request only fills in
what differs. What is shown stays the same: every constant is rendered by the node that would have been asked.
"""

from collections.abc import Iterable, Iterator

from django.template import Context, Node, NodeList, Template
from django.template.base import FilterExpression, TextNode, TokenType, Variable
from django.template.defaulttags import CommentNode, LoadNode, URLNode
from django.template.library import SimpleNode
from django.template.loaders import base, cached
from django.templatetags.i18n import BlockTranslateNode, LanguageNode, TranslateNode
from django.templatetags.static import StaticNode
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf
from django.utils.translation import get_language

from portal.templatetags.gap import gap

SILENT = (CommentNode, LoadNode)


class _Folding(base.Loader):
    """Folds a template right after it was compiled, before anybody else can see it."""

    def get_template(self, template_name, skip=None):
        """Return the template made ready for the language in force."""
        return folded(super().get_template(template_name, skip))


class Loader(cached.Loader, _Folding):
    """Django's cached loader, with a template for each language (and each place the portal is served from)."""

    def cache_key(self, template_name, skip=None):
        """Return the name under which a template is kept."""
        return f"{get_language()} {get_script_prefix()} {get_urlconf()} {super().cache_key(template_name, skip)}"


def folded(template: Template) -> Template:
    """Return the template itself, with its constants written out in the language in force."""
    context = Context()
    with context.bind_template(template):
        _fold(template.nodelist, context)
    return template


def _fold(nodes: NodeList, context: Context) -> None:
    nodes[:] = _merged(_known(node, context) for node in nodes)


def _merged(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield the nodes, texts that follow each other as one; empty ones are left out."""
    texts: list[str] = []
    for node in nodes:
        if type(node) is TextNode:
            texts.append(node.s)
            continue
        if text := "".join(texts):
            yield TextNode(text)
        texts.clear()
        yield node
    if text := "".join(texts):
        yield TextNode(text)


def _known(node: Node, context: Context) -> Node:
    """Return what stands for the node: a text where it is constant, else the node with everything inside folded."""
    if isinstance(node, LanguageNode):
        return node  # inside it another language is in force
    if isinstance(node, SILENT):
        return TextNode("")
    if _is_constant(node):
        try:
            return _Named(node, context) if getattr(node, "asvar", None) else TextNode(node.render(context))
        except (NoReverseMatch, ValueError):
            return node  # an address or a file that does not exist is an error of whoever shows it
    for nodes in _inside(node):
        _fold(nodes, context)
    return node


def _inside(node: Node) -> Iterator[NodeList]:
    for _condition, nodes in getattr(node, "conditions_nodelists", ()):
        yield nodes
    for name in node.child_nodelists:
        nodes = node.__dict__.get(name)
        if isinstance(nodes, NodeList):
            yield nodes


class _Named(Node):
    """A constant that a template gives a name to (`{% translate "…" as title %}`)."""

    child_nodelists = ()

    def __init__(self, node: Node, context: Context):
        self.name = node.asvar
        with context.push():
            node.render(context)
            self.value = context[self.name]

    def render(self, context):
        """Give the value its name; nothing is shown."""
        context[self.name] = self.value
        return ""


def _is_constant(node: Node) -> bool:
    if isinstance(node, TranslateNode):
        return _is_literal(node.filter_expression) and _is_literal(node.message_context)
    if isinstance(node, BlockTranslateNode):
        plain = all(token.token_type == TokenType.TEXT for token in node.singular)
        return plain and not node.extra_context and not node.countervar and _is_literal(node.message_context)
    if isinstance(node, URLNode):
        asked = [node.view_name, *node.args, *node.kwargs.values()]
        return all(map(_is_literal, asked)) and ":" not in str(node.view_name.var)
    if isinstance(node, StaticNode):
        return node.varname is None and _is_literal(node.path)
    return isinstance(node, SimpleNode) and node.func is gap and node.target_var is None


def _is_literal(asked: FilterExpression | None) -> bool:
    """Tell whether an argument is a text or number written in the template (or not given), without a filter."""
    if asked is None:
        return True
    if asked.filters:
        return False
    return not isinstance(asked.var, Variable) or (asked.var.lookups is None and asked.var.literal is not None)
