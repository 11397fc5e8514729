"""What models with a Chinese and an English name share."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _


def local(chinese: str, english: str) -> str:
    """Return the text in the reader's language; data keep their own names, so Chinese stands in for a missing one."""
    return english if english and (get_language() or "").startswith("en") else chinese


class Named(models.Model):
    """A row of data with its own names: Chinese always, English where given."""

    name = models.CharField(_("name"), max_length=200)
    name_en = models.CharField(_("English name"), max_length=200, blank=True)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return local(self.name, self.name_en)
