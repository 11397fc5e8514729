"""How forms speak: a field that was left empty is named, instead of “this field”."""

from django.forms import BoundField, Field, RadioSelect, Select
from django.forms.renderers import DjangoTemplates
from django.forms.widgets import CheckboxInput, ClearableFileInput, FileInput
from django.utils.translation import gettext as _

PLAIN = Field.default_error_messages["required"]
CHOSEN = (RadioSelect, Select, CheckboxInput, FileInput, ClearableFileInput)


class NamingBoundField(BoundField):
    """A field of a form that says by its own name what is missing; a field with words of its own keeps them."""

    def __init__(self, form, field, name):
        super().__init__(form, field, name)
        if field.error_messages.get("required") is PLAIN:
            # the form's fields are copies of its own: nothing of another form changes
            field.error_messages["required"] = missing(self.label, is_chosen=isinstance(field.widget, CHOSEN))


def missing(label: str, *, is_chosen: bool) -> str:
    """Return what is said of a field of this label that was left empty."""
    words = _("Choose “%(label)s”.") if is_chosen else _("Fill in “%(label)s”.")
    return words % {"label": label}


class NamingRenderer(DjangoTemplates):
    """Django's renderer of forms, with fields that name themselves."""

    bound_field_class = NamingBoundField
