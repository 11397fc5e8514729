"""A region to choose in a filter: one of the person's own, step by step down the tree however many there are."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.functional import cached_property
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from creation.models import Region

LONGEST_CODE = Region._meta.get_field("code").max_length


class PlainSelect(forms.Select):
    """A list to choose from, written in one go: a template for each option costs more than the rest of a page."""

    def render(self, name, value, attrs=None, renderer=None):
        """Return the list as HTML."""
        chosen = "" if value is None else str(value)
        options = format_html_join(
            "",
            '<option value="{}"{}>{}</option>',
            ((key, " selected" if str(key) == chosen else "", label) for key, label in self.choices),
        )
        given = {"class": "form-select"} | self.build_attrs(self.attrs, attrs)
        rest = format_html_join(
            "", ' {}="{}"', ((key, value) for key, value in given.items() if value not in {None, False})
        )
        return format_html('<select name="{}"{}>{}</select>', name, rest, options)


class RegionField(forms.Field):
    """Takes the code of a region that the person sees and gives the region; offers those near (`Region.near`).

    One statement reads what is offered and what is chosen.
    """

    widget = PlainSelect

    def __init__(self, *, empty_label, **kwargs):
        super().__init__(required=False, **kwargs)
        self.empty_label = empty_label
        self._user, self._code = None, ""

    def look(self, user, code: str) -> None:
        """Say who chooses, and which code was chosen."""
        self._user = user
        self._code = code if code and code.isprintable() and len(code) <= LONGEST_CODE else ""
        self.widget.choices = self._options

    @cached_property
    def near(self) -> dict[str, Region]:
        """Return the offered regions by their code, in register order."""
        return {region.code: region for region in Region.objects.near(self._user, self._code)}

    def _options(self):
        yield "", self.empty_label
        yield from ((code, str(region)) for code, region in self.near.items())

    def to_python(self, value):
        """Return the region with the code, None for no code."""
        if value in self.empty_values:
            return None
        if value not in self.near:
            raise ValidationError(_("Select a valid choice. That choice is not one of the available choices."))
        return self.near[value]
