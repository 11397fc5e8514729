"""Parts of a page that are written once for the same facts, and remembered: `{% remembered rows=rows %}`.

The part sees nothing but the values it names and the reader's language, and may ask the database for nothing; so what
is remembered under these values is what would be written again. Nothing ever has to be thrown away because it has
become wrong: other facts are another key. What differs for each reader or request (a form's key) has no place inside.
"""

import pickle
from collections import OrderedDict
from hashlib import blake2b
from threading import Lock

from django import template
from django.db import connection
from django.template import Context, Node, NodeList, TemplateSyntaxError
from django.template.base import token_kwargs
from django.utils.translation import get_language

register = template.Library()

MOST = 64  # written parts that a place in a template remembers, in each process


@register.tag
def remembered(parser, token) -> "Remembered":
    """Write what stands inside once for the same values, which are all that it sees."""
    bits = token.split_contents()[1:]
    values = token_kwargs(bits, parser)
    if bits or not values:
        raise TemplateSyntaxError("`remembered` takes the values that its part is made of, as name=value")
    nodelist = parser.parse(("endremembered",))
    parser.delete_first_token()
    return Remembered(nodelist, values)


class Remembered(Node):
    """A part of a template with the texts it has been written as, the one not asked for longest forgotten first."""

    def __init__(self, nodelist: NodeList, values: dict):
        self.nodelist = nodelist
        self.values = values
        self.written: OrderedDict[bytes, str] = OrderedDict()
        self.lock = Lock()

    def render(self, context):
        """Return the part as it was written for these values, else write it."""
        values = {name: value.resolve(context) for name, value in self.values.items()}
        key = _key(values)
        with self.lock:
            if key in self.written:
                self.written.move_to_end(key)
                return self.written[key]
        inner = Context(values, autoescape=context.autoescape)
        with inner.bind_template(context.template), connection.execute_wrapper(_refuse):
            text = self.nodelist.render(inner)
        with self.lock:
            self.written[key] = text
            while len(self.written) > MOST:
                self.written.popitem(last=False)
        return text


def _key(values: dict) -> bytes:
    """Return what differs wherever a value does, its type included: 1 is not 1.0, and safe HTML is no text."""
    facts = pickle.dumps((get_language(), values), protocol=pickle.HIGHEST_PROTOCOL)
    return blake2b(facts, digest_size=32).digest()


def _refuse(_execute, sql, *_rest):
    raise RuntimeError(f"A remembered part asks the database, which its values do not tell: {sql[:80]}")
