"""Forms of the register: finding organs, adding and correcting one, closing, merging, splitting, the department."""

import re

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation import clock
from creation.actions.places import state_of
from creation.credit_code import normalise
from creation.forms.days import DayField
from creation.forms.regions import PlainSelect, RegionField
from creation.models import Organ, Region

MOST_CODES = 50


class OrganFilter(forms.Form):
    """What the list of organs is narrowed to; an entry that makes no sense narrows nothing."""

    q = forms.CharField(label=gettext_lazy("Name or credit code"), required=False, max_length=80)
    region = RegionField(label=gettext_lazy("Region"), empty_label=gettext_lazy("all"))
    category = forms.ChoiceField(
        label=gettext_lazy("Category"),
        required=False,
        choices=[("", gettext_lazy("all")), *Organ.Category.choices],
        widget=PlainSelect,
    )
    on = DayField(label=gettext_lazy("On the register on"), required=False)
    closed = forms.BooleanField(label=gettext_lazy("Closed ones too"), required=False)

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["region"].look(user, self.data.get("region", ""))
        self.is_valid()

    def narrow(self, organs: QuerySet[Organ]) -> QuerySet[Organ]:
        """Return the organs that fit; without a date those on the register today."""
        chosen = self.cleaned_data
        if text := chosen.get("q"):
            organs = organs.filter(
                Q(credit_code__startswith=normalise(text)) | Q(name__icontains=text) | Q(name_en__icontains=text)
            )
        if chosen.get("region"):
            organs = organs.filter(region__paths_up__ancestor=chosen["region"])
        if chosen.get("category"):
            organs = organs.filter(category=chosen["category"])
        if chosen.get("closed"):
            return organs
        return organs.active_on(chosen.get("on") or clock.today())


class OrganForm(forms.ModelForm):
    """The facts about an organ; the region is one of the registrar's."""

    established_on = DayField(label=gettext_lazy("Established on (first day)"))

    class Meta:
        model = Organ
        fields = (
            "credit_code",
            "name",
            "name_en",
            "region",
            "category",
            "staff",
            "floor_area_m2",
            "address",
            "established_on",
        )

    def __init__(self, *args, user, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = Region.objects.filter(pk__in=user.scope("registrar"))
        self.fields["floor_area_m2"].widget.attrs["min"] = 0
        if "credit_code" in self.fields:
            # a pasted code may bring blanks and small letters; its length is checked once they are gone
            self.fields["credit_code"].max_length = None
            self.fields["credit_code"].widget.attrs.pop("maxlength", None)
            self.fields["credit_code"].validators = Organ._meta.get_field("credit_code").validators[:1]
            self.fields["credit_code"].to_python = lambda value: normalise(str(value or ""))

    def clean_floor_area_m2(self):
        """Return the area; the database would refuse a negative one without saying where."""
        area = self.cleaned_data["floor_area_m2"]
        if area is not None and area < 0:
            raise ValidationError(_("Enter 0 or more."))
        return area


class CorrectionForm(OrganForm):
    """A correction: everything but the credit code, and the state of the organ that the person was looking at."""

    abolished_on = DayField(label=gettext_lazy("Abolished on (first day without)"), required=False)
    seen = forms.CharField(widget=forms.HiddenInput)

    class Meta(OrganForm.Meta):
        fields = (*OrganForm.Meta.fields[1:], "abolished_on")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = state_of(self.instance)

    def clean(self):
        """Return the data; an organ ends after it began."""
        data = super().clean()
        first, last = data.get("established_on"), data.get("abolished_on")
        if first and last and last <= first:
            self.add_error("abolished_on", _("It must lie after the day on which the organ was established."))
        return data

    def changes(self) -> dict:
        """Return what the person changed, as the verb takes it."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name != "seen"}


class AbolishForm(forms.Form):
    """The first day without the organ."""

    on = DayField(
        label=gettext_lazy("Abolished on (first day without)"),
        help_text=gettext_lazy("Up to the day before, the organ still counts in every rate."),
    )


class OrgansField(forms.CharField):
    """Organs by their credit codes, one a line (commas and blanks will do); becomes the organs themselves."""

    widget = forms.Textarea(attrs={"rows": 4})

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.organs: QuerySet[Organ] = Organ.objects.none()

    def clean(self, value):
        """Return the organs in the order of the register; every code that fits none is named."""
        codes = dict.fromkeys(filter(None, map(normalise, re.split(r"[\s,;，；、]+", super().clean(value)))))
        if len(codes) > MOST_CODES:
            raise ValidationError(_("At most %(limit)s organs at once.") % {"limit": MOST_CODES})
        found = {organ.credit_code: organ for organ in self.organs.filter(credit_code__in=codes)}
        unknown = [code for code in codes if code not in found]
        if unknown:
            raise ValidationError(_("No organ in your regions has the code %(codes)s.") % {"codes": ", ".join(unknown)})
        return [found[code] for code in codes]


class CodesForm(forms.Form):
    """The first step of a merge or a split: which organs."""

    codes = OrgansField(
        label=gettext_lazy("Unified social credit codes"),
        help_text=gettext_lazy("One a line. You see the names before anything happens."),
    )

    def __init__(self, *args, user, without: Organ, **kwargs):
        super().__init__(*args, **kwargs)
        mine = Organ.objects.filter(region__in=user.scope("registrar")).exclude(pk=without.pk)
        self.fields["codes"].organs = mine.select_related("region")


class SuccessionForm(CodesForm):
    """The second step: from when on, and why."""

    on = DayField(
        label=gettext_lazy("Effective on"), help_text=gettext_lazy("The first day without the organs that go over.")
    )
    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        max_length=500,
        help_text=gettext_lazy("Such as the decision and its document number."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["codes"].widget = forms.HiddenInput()


class DepartmentForm(forms.ModelForm):
    """The competent department of a region, and how people reach its office."""

    class Meta:
        model = Region
        fields = ("department", "office_phone", "office_address", "office_mailbox")

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        organs = self.instance.organs.active_on(clock.today()).select_related("region")
        current = Organ.objects.filter(pk=self.instance.department_id)
        self.fields["department"].queryset = (organs | current.select_related("region")).distinct()
        self.fields["department"].label_from_instance = lambda organ: f"{organ.credit_code} {organ}"
        self.fields["department"].help_text = _("An organ of this region on the register today.")

    def changes(self) -> dict:
        """Return what the person changed, as the verb takes it."""
        return {name: self.cleaned_data[name] for name in self.changed_data}
