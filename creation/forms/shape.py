"""Forms of models that leave the truth to the verbs."""

from django import forms
from django.core.exceptions import ValidationError
from django.forms.models import construct_instance


class ShapeForm(forms.ModelForm):
    """A model's form that looks at each field alone, never at other rows.

    Whether the row may stand is the verb's question: a form that is sent twice must come as far as its key, which
    leads it to where the first one was, instead of being told that its own effect stands in the way.
    """

    def _post_clean(self) -> None:
        construct_instance(self, self.instance, self._meta.fields)
        unread = {field.name for field in self.instance._meta.fields} - set(self.cleaned_data)
        try:
            self.instance.clean_fields(exclude=unread)
        except ValidationError as error:
            self.add_error(None, error)
