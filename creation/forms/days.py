"""Days in forms: the browser's own date picker, ISO dates in both directions."""

from django import forms


class DayInput(forms.DateInput):
    """A date picker whose value is an ISO date, whatever the language."""

    input_type = "date"

    def __init__(self, attrs=None):
        super().__init__(attrs, format="%Y-%m-%d")


class DayField(forms.DateField):
    """A date that is typed or picked as an ISO date."""

    widget = DayInput

    def __init__(self, **kwargs):
        super().__init__(input_formats=["%Y-%m-%d"], **kwargs)
