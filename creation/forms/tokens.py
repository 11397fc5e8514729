"""What is typed to make a token."""

from django import forms
from django.utils.translation import gettext_lazy as _

from creation.actions.tokens import last_possible_day
from creation.forms.days import DayField
from creation.models import ApiToken


class TokenForm(forms.Form):
    """What the token is for, and until when it is valid: as long as possible unless another day is chosen."""

    name = forms.CharField(
        label=_("What it is for"),
        max_length=ApiToken._meta.get_field("name").max_length,
        help_text=_("The program or the evaluation that reads with it. You find the token again by this name."),
    )
    expires_on = DayField(label=_("Valid until (last day)"), initial=last_possible_day)
