"""Who of an organ answers which section of its self-rating."""

from django import forms
from django.utils.translation import gettext_lazy as _

from creation.models import Dimension, User


class SectionsForm(forms.Form):
    """One choice for each section of a file: a clerk of the organ, or all of them together."""

    def __init__(self, *args, sections: list[Dimension | None], clerks, having: dict[int | None, User], **kwargs):
        super().__init__(*args, **kwargs)
        self.sections = sections
        # whoever has a section and left since stays shown until it is given to somebody else
        people = User.objects.filter(pk__in={*clerks.values_list("pk", flat=True), *(u.pk for u in having.values())})
        for section in sections:
            holder = having.get(section.pk if section else None)
            self.fields[name_of(section)] = forms.ModelChoiceField(
                people,
                label=f"{section.code} {section}" if section else _("Bonus"),
                required=False,
                initial=holder,
                empty_label=_("all clerks together"),
            )

    def wanted(self) -> dict[Dimension | None, User | None]:
        """Return who is to have each section, None where the clerks share it."""
        return {section: self.cleaned_data[name_of(section)] for section in self.sections}


def name_of(section: Dimension | None) -> str:
    """Return the name of a section's field."""
    return f"section_{section.pk}" if section else "section_bonus"
