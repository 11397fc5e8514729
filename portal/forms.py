"""Forms of the frame: what one wants to hear."""

from django import forms
from django.utils.translation import gettext_lazy as _

from creation.message_kinds import Kind


class ChoicesForm(forms.Form):
    """The kinds wanted in the portal and by mail, and the mail address; cleaned as the verb takes them."""

    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("Without an address no mail is sent; messages then stand in the portal only."),
    )
    portal = forms.MultipleChoiceField(required=False)
    mail = forms.MultipleChoiceField(required=False)

    def __init__(self, *args, kinds: list[Kind], **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("portal", "mail"):
            self.fields[name].choices = [(kind.slug, kind.label) for kind in kinds]

    def clean_portal(self) -> set[str]:
        """Return the kinds wanted in the portal."""
        return set(self.cleaned_data["portal"])

    def clean_mail(self) -> set[str]:
        """Return the kinds wanted by mail."""
        return set(self.cleaned_data["mail"])


class RowForm(forms.Form):
    """Which row of a queue is meant."""

    row = forms.IntegerField(min_value=1, max_value=2**63 - 1)
