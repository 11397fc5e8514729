"""Who may do what on an organ's own side: small predicates over dated appointments, composed with & and |.

The verb asks before it acts and the template asks before it shows a button; both through `may`. Everything that no
rule allows is refused.
"""

import rules
from django.utils.translation import gettext as _

from creation import stages
from creation.errors import Forbidden


def may(user, permission: str, subject=None) -> bool:
    """Tell whether `user` may do `permission` to `subject`; nobody signed out may do anything here."""
    return bool(user.is_authenticated and user.is_active and rules.has_perm(permission, user, subject))


def require(user, permission: str, subject=None) -> None:
    """Raise `Forbidden` (answered with 403) unless `user` may do `permission` to `subject`."""
    if not may(user, permission, subject):
        raise Forbidden(_("You do not have the right to this step."))


def at_city_or_above(user, role: str) -> bool:
    """Tell whether the person holds `role` in a municipality, province or the nation."""
    return any(post.role == role and post.region_id and post.region.kind != "district" for post in user.posts)


# --- organ staff ---------------------------------------------------------------------------------------------------


@rules.predicate
def is_clerk_of_organ(user, organ) -> bool:
    """Tell whether the person is a clerk of this organ."""
    return user.holds("clerk", organ_id=organ.pk)


@rules.predicate
def is_staff_of_organ(user, organ) -> bool:
    """Tell whether the person is clerk or signatory of this organ."""
    return organ.pk in user.organ_ids()


@rules.predicate
def is_clerk(user, file) -> bool:
    """Tell whether the person is a clerk of the file's organ."""
    return user.holds("clerk", organ_id=file.organ_id)


@rules.predicate
def is_signatory(user, file) -> bool:
    """Tell whether the person is a signatory of the file's organ."""
    return user.holds("signatory", organ_id=file.organ_id)


@rules.predicate
def has_been_submitted(_user, file) -> bool:
    """Tell whether the file has left the organ, so that others may read what it says."""
    return file.stage not in {stages.DRAFT, stages.PREPARED}


def noted(user, file, fact: str) -> bool | None:
    """Return what a page has read beforehand about this person and the file; None where a rule has to ask itself."""
    facts = file.facts
    return facts[fact] if facts and facts["user"] == user.pk else None


@rules.predicate
def is_in_reach(user, file) -> bool:
    """Tell whether the file lies in the person's regions, or the person was asked to look at it."""
    if user.covers(file.organ.region_id, "official", "viewer", "registrar"):
        return True
    known = noted(user, file, "asked")
    return user.asked_files().filter(assessment=file).exists() if known is None else known


# --- competent department and registrars ---------------------------------------------------------------------------


@rules.predicate
def is_official_of_department(user, file) -> bool:
    """Tell whether the person is an official of the competent department, that is of the organ's own region."""
    return user.holds("official", region_id=file.organ.region_id)


@rules.predicate
def is_official_of_region(user, region) -> bool:
    """Tell whether the person is an official in exactly this region."""
    return user.holds("official", region_id=region.pk)


@rules.predicate
def is_official_of_cycle(user, cycle) -> bool:
    """Tell whether the person is an official of the municipality that runs the cycle."""
    return user.holds("official", region_id=cycle.region_id)


@rules.predicate
def is_municipal_official(user, _subject) -> bool:
    """Tell whether the person is an official of a municipality or above."""
    return at_city_or_above(user, "official")


@rules.predicate
def is_registrar_of_region(user, region) -> bool:
    """Tell whether the region lies at or below one where the person is registrar."""
    return user.covers(region.pk, "registrar")


@rules.predicate
def is_official_over_region(user, region) -> bool:
    """Tell whether the region lies at or below one where the person is an official."""
    return user.covers(region.pk, "official")


@rules.predicate
def is_municipal_registrar(user, _subject) -> bool:
    """Tell whether the person is registrar of a municipality or above."""
    return at_city_or_above(user, "registrar")


@rules.predicate
def is_registrar(user, _subject) -> bool:
    """Tell whether the person is registrar anywhere."""
    return "registrar" in user.roles


@rules.predicate
def is_registrar_of_person(user, person) -> bool:
    """Tell whether every post that the other person holds or will hold lies in the user's regions as registrar."""
    places = person.running_places()
    return user.pk != person.pk and bool(places) and all(user.covers(place, "registrar") for place in places)


# --- programs ------------------------------------------------------------------------------------------------------


@rules.predicate
def holds_a_post(user, _subject) -> bool:
    """Tell whether the person holds any post today."""
    return bool(user.posts)


@rules.predicate
def is_owner_of_token(user, token) -> bool:
    """Tell whether the token is the person's own."""
    return token.user_id == user.pk


PERMISSIONS = {
    "file.start": is_clerk_of_organ,
    "file.answer": is_clerk,
    "file.read_content": is_clerk | is_signatory | (has_been_submitted & is_in_reach),
    "file.prepare": is_clerk,
    "file.reopen": is_clerk | is_signatory,
    "file.submit": is_signatory,
    "file.withdraw": is_clerk | is_signatory,
    "file.send_back": is_official_of_department,
    "evidence.upload": is_clerk_of_organ,
    "evidence.read_library": is_staff_of_organ,
    "register.edit": is_registrar_of_region,
    "register.import": is_municipal_registrar,
    "people.appoint": is_registrar_of_region,
    "people.list": is_registrar,
    "people.invite_again": is_registrar_of_person,
    "standard.manage": is_municipal_official,
    "operations.read": is_municipal_official,
    "operations.retry": is_municipal_official,
    "energy.manage": is_municipal_official,
    "energy.set_goal": is_municipal_official & is_official_over_region,
    "token.make": holds_a_post,
    "token.revoke": is_owner_of_token,
    "cycle.create": is_official_of_region & is_municipal_official,
    "cycle.manage": is_official_of_cycle,
}
for _name, _predicate in PERMISSIONS.items():
    rules.add_perm(_name, _predicate)
