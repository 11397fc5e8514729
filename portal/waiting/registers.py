"""What waits for registrars, and the way to the rates for those who read only."""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from creation.models import Import, User
from creation.rules import may
from portal.waiting.lines import Line, counted, lines_about


def imports_to_look_at(user: User) -> list[Line]:
    """Return a line about files of the register that are not applied yet or have errors."""
    if not may(user, "register.import"):
        return []
    waiting = (Import.State.WAITING, Import.State.CHECKED, Import.State.FAULTY)
    found = counted(Import.objects.filter(state__in=waiting), "at")
    text = ngettext(
        "%(count)s import waits for you or has errors", "%(count)s imports wait for you or have errors", found["count"]
    )
    return lines_about(found, text, reverse("import_list"), "import_detail")


def people_never_signed_in(user: User) -> list[Line]:
    """Return a line about people who were invited and have not chosen a password."""
    found = counted(User.objects.visible_to(user).exclude(pk=user.pk).never_signed_in(), "date_joined")
    text = ngettext(
        "%(count)s invited person has never signed in", "%(count)s invited people have never signed in", found["count"]
    )
    return lines_about(found, text, f"{reverse('person_list')}?state=invited", "person_detail")


def rates_to_read(user: User) -> list[Line]:
    """Return the way to the rates, for those who read only."""
    return [Line(_("Completion rates of your area"), reverse("dashboard"))]
