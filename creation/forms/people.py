"""Inviting people and giving them posts."""

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from creation import clock
from creation.forms.days import DayField
from creation.models import Appointment, Organ, Region, User

MOST_CANDIDATES = 20
INVITED, HOLDING, ENDED = "invited", "holding", "ended"


def organs_like(text: str, *, registrar) -> list[Organ]:
    """Return the organs in the registrar's regions with this credit code, or with `text` in a name (one too many)."""
    mine = Organ.objects.filter(
        Q(abolished_on__isnull=True) | Q(abolished_on__gt=clock.today()), region__in=registrar.scope("registrar")
    ).select_related("region")
    exact = list(mine.filter(Q(credit_code__iexact=text) | Q(name=text)))
    return exact or list(mine.filter(Q(name__icontains=text) | Q(name_en__icontains=text))[: MOST_CANDIDATES + 1])


class PostForm(forms.Form):
    """A dated post: role, place and days. The organ is found by its credit code or a part of its name."""

    role = forms.ChoiceField(
        label=_("Role"),
        choices=[("", "—"), *Appointment.Role.choices],
        help_text=_("Clerks and signatories work at an organ; all other roles belong to a region."),
    )
    organ = forms.CharField(
        label=_("Organ"),
        required=False,
        max_length=200,
        help_text=_("For a clerk or signatory: the unified social credit code, or a part of the organ's name."),
    )
    chosen = forms.ModelChoiceField(
        Organ.objects.none(), label=_("Which organ"), required=False, widget=forms.RadioSelect, empty_label=None
    )
    region = forms.ModelChoiceField(
        Region.objects.none(),
        label=_("Region"),
        required=False,
        help_text=_("For an inspector, official, registrar or viewer."),
    )
    leads = forms.BooleanField(
        label=_("Leads the department"),
        required=False,
        help_text=_("For an official only. Who leads the department also reads how each inspector rates."),
    )
    starts_on = DayField(label=_("First day"), initial=clock.today)
    ends_on = DayField(label=_("Last day"), required=False, help_text=_("Leave empty for a post without an end."))

    def __init__(self, *args, registrar, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = Region.objects.filter(pk__in=registrar.scope("registrar"))
        self.candidates = organs_like(self._typed(), registrar=registrar) if self._typed() else []
        if 1 < len(self.candidates) <= MOST_CANDIDATES:
            self.fields["chosen"].queryset = Organ.objects.filter(pk__in=[organ.pk for organ in self.candidates])
            self.fields["chosen"].label_from_instance = _organ_in_words
        else:
            del self.fields["chosen"]

    def _typed(self) -> str:
        # PostgreSQL takes no NUL in a search; the field itself refuses it afterwards
        return (self.data.get("organ") or "").replace("\0", "").strip() if self.is_bound else ""

    def clean(self):
        """Return the data with `organ` as the one organ that was meant, or with an error that says how to name it."""
        data = super().clean()
        typed, data["organ"] = data.get("organ"), None
        if typed:
            try:
                data["organ"] = self._meant(data.get("chosen"))
            except ValidationError as error:
                self.add_error("chosen" if "chosen" in self.fields else "organ", error)
        return data

    def _meant(self, chosen: Organ | None) -> Organ:
        if not self.candidates:
            raise ValidationError(_("No organ in your regions has this credit code or name."))
        if len(self.candidates) == 1:
            return self.candidates[0]
        if len(self.candidates) > MOST_CANDIDATES:
            raise ValidationError(_("Too many organs fit. Type more of the name, or the credit code."))
        if chosen is None:
            raise ValidationError(_("Several organs fit. Choose one."))
        return chosen

    def post(self) -> dict:
        """Return the post as the verbs take it."""
        return {name: self.cleaned_data[name] for name in ("role", "organ", "region", "leads", "starts_on", "ends_on")}


def _organ_in_words(organ: Organ) -> str:
    return f"{organ} · {organ.credit_code}"


class InviteForm(PostForm):
    """A new person together with their first post."""

    username = forms.CharField(
        label=_("User name"),
        max_length=150,
        validators=User._meta.get_field("username").validators,
        help_text=_("Letters, digits and @ . + - _ only. The person signs in with it; it cannot be changed later."),
    )
    name = forms.CharField(label=_("Person's name"), max_length=80)
    name_en = forms.CharField(label=_("English name"), max_length=80, required=False)
    email = forms.EmailField(
        label=_("E-mail address"),
        required=False,
        help_text=_("If given, the link is mailed as well. Either way this portal shows it to you once it exists."),
    )
    phone = forms.CharField(label=_("Phone"), max_length=40, required=False)

    field_order = (
        "username", "name", "name_en", "email", "phone", "role", "organ", "chosen", "region", "leads", "starts_on",
    )  # fmt: skip

    def details(self) -> dict:
        """Return the person as the verb takes it."""
        return {name: self.cleaned_data[name] for name in ("username", "name", "name_en", "email", "phone")}


class EndForm(forms.Form):
    """The last day of a post."""

    on = DayField(
        label=_("Last day of the post"),
        initial=clock.today,
        help_text=_("The post still holds on this day. It can end today or later, never in the past."),
    )


class SuccessorForm(forms.Form):
    """To whom everything goes when a person leaves, and until when it stays."""

    to = forms.CharField(
        label=_("Successor"),
        max_length=150,
        help_text=_("User name, or a part of the name. Invite a new colleague first, with any post."),
    )
    chosen = forms.ModelChoiceField(
        User.objects.none(), label=_("Which person"), required=False, widget=forms.RadioSelect, empty_label=None
    )
    last_day = DayField(
        label=_("Last day of the person who leaves"),
        initial=clock.today,
        help_text=_("Today or later. The successor's posts begin on the day after."),
    )

    def __init__(self, *args, registrar, person, **kwargs):
        super().__init__(*args, **kwargs)
        text = (self.data.get("to") or "").replace("\0", "").strip() if self.is_bound else ""
        seen = User.objects.visible_to(registrar).filter(is_active=True)
        exact = list(seen.filter(username__iexact=text)) if text else []
        like = Q(username__icontains=text) | Q(name__icontains=text) | Q(name_en__icontains=text)
        others = seen.filter(like).exclude(pk=person.pk) if text else seen.none()
        self.candidates = exact or list(others[: MOST_CANDIDATES + 1])
        if 1 < len(self.candidates) <= MOST_CANDIDATES:
            self.fields["chosen"].queryset = User.objects.filter(pk__in=[one.pk for one in self.candidates])
            self.fields["chosen"].label_from_instance = lambda one: f"{one} · {one.username}"
        else:
            del self.fields["chosen"]

    def clean(self):
        """Return the data with `successor` as the one person who was meant, or with an error that says how."""
        data = super().clean()
        if not data.get("to"):
            return data
        if not self.candidates:
            self.add_error("to", _("Nobody in your regions has this name."))
        elif len(self.candidates) > MOST_CANDIDATES:
            self.add_error("to", _("Too many people fit. Type more of the name, or the user name."))
        elif len(self.candidates) == 1:
            data["successor"] = self.candidates[0]
        elif data.get("chosen"):
            data["successor"] = data["chosen"]
        else:
            self.add_error("chosen", _("Several people fit. Choose one."))
        return data


class PeopleFilter(forms.Form):
    """What the list of people is narrowed to; an entry that makes no sense narrows nothing."""

    q = forms.CharField(label=_("Name or user name"), required=False, max_length=80)
    role = forms.ChoiceField(label=_("Role"), required=False, choices=[("", _("all")), *Appointment.Role.choices])
    region = forms.ModelChoiceField(Region.objects.none(), label=_("Region"), required=False, empty_label=_("all"))
    state = forms.ChoiceField(
        label=_("State"),
        required=False,
        choices=[
            ("", _("all")),
            (HOLDING, _("holds a post today")),
            (ENDED, _("holds no post today")),
            (INVITED, _("invited, has never signed in")),
        ],
    )

    def __init__(self, *args, registrar, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = Region.objects.filter(pk__in=registrar.scope("registrar"))

    def narrow(self, people, posts):
        """Return the people that fit; `posts` are the posts that the reader may see, narrowed to role and region."""
        wanted = self.cleaned_data if self.is_valid() else {}
        if wanted.get("q"):
            text = wanted["q"]
            people = people.filter(Q(username__icontains=text) | Q(name__icontains=text) | Q(name_en__icontains=text))
        if wanted.get("role"):
            posts = posts.filter(role=wanted["role"])
        if wanted.get("region"):
            below = Region.objects.at_or_below(wanted["region"])
            posts = posts.filter(Q(region__in=below) | Q(organ__region__in=below))
        if wanted.get("role") or wanted.get("region"):
            people = people.filter(pk__in=posts.values("user"))
        return self._in_state(people, posts, wanted.get("state"))

    def _in_state(self, people, posts, state):
        if state == HOLDING:
            return people.filter(pk__in=posts.on(clock.today()).values("user"))
        if state == ENDED:
            return people.exclude(pk__in=posts.on(clock.today()).values("user"))
        if state == INVITED:
            return people.never_signed_in()
        return people
