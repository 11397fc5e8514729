"""Who hears of a step: whoever holds the next one, and whose own file it is, by today's dated appointments.

The list under a button and the messages of the verb behind it both come from `hears`, so that they never differ.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import Q

from creation import clock, stages
from creation.models import AT_ORGAN, Appointment, Assessment, User
from creation.rules import may
from creation.stages import CLERK, MUNICIPALITY, OFFICIAL, SIGNATORY, SUPERIOR


@dataclass(frozen=True, slots=True)
class Heard:
    """Somebody who hears of a step: the person, as whom (a slug of `stages.ACTORS`), and the kind of message."""

    user: User
    role: str
    kind: str

    @property
    def as_whom(self) -> stages.Text:
        """Return for people as whom the person hears of it."""
        return stages.ACTORS[self.role]


@dataclass(frozen=True, slots=True)
class Hearing:
    """One entry of the table: the kind of message and who gets it.

    `only_from` are the stages from which the step concerns them. `together`: told once by the verb that moves many
    files, not once for each file.
    """

    kind: str
    role: str
    only_from: frozenset[str] = frozenset(stages.LABELS)
    together: bool = False


def _all(kind: str, *roles: str) -> tuple[Hearing, ...]:
    return tuple(Hearing(kind, role) for role in roles)


_SENT = frozenset({stages.SUBMITTED})
# A drawn organ is not told: nobody is warned of a spot check. What teams hear stands in reviews/recipients.py.
HEARS: dict[str, tuple[Hearing, ...]] = {
    "start": (),
    "prepare": _all("to_sign", SIGNATORY),
    "reopen": _all("taken_back", CLERK, SIGNATORY),
    "submit": (*_all("to_assign", OFFICIAL), *_all("submitted", CLERK)),
    "withdraw": (*_all("withdrawn", CLERK, SIGNATORY), Hearing("withdrawn", OFFICIAL, only_from=_SENT)),
    "send_back": _all("sent_back", CLERK),
    "assign": _all("visit_planned", CLERK, SIGNATORY),
    "require_rectification": _all("to_rectify", CLERK),
    "rectified": _all("rectified", CLERK),
    "pass": _all("passed", CLERK, SIGNATORY, OFFICIAL),
    "fail": _all("not_met", CLERK, SIGNATORY, OFFICIAL),
    "sample": (Hearing("drawn", SUPERIOR, together=True),),
    "clear": (*_all("cleared", CLERK, SIGNATORY), Hearing("drawn", MUNICIPALITY, together=True)),
    "draw_in": _all("drawn_in", SUPERIOR),
    "excuse": (*_all("cleared", CLERK, SIGNATORY), *_all("to_publicise", MUNICIPALITY)),
    "confirm": (*_all("cleared", CLERK, SIGNATORY), *_all("to_publicise", MUNICIPALITY)),
    "overturn": _all("not_met", CLERK, SIGNATORY, OFFICIAL),
    "publicise": _all("publicised", CLERK, SIGNATORY),
    "uphold_objection": _all("objection_upheld", CLERK, SIGNATORY, OFFICIAL),
    "recognise": _all("recognised", CLERK, SIGNATORY),
    "revoke": _all("revoked", CLERK, SIGNATORY),
}


def holders(file: Assessment, roles: Iterable[str]) -> list[tuple[User, str]]:
    """Return who holds `roles` (slugs of `stages.ACTORS`) for the file today, as (person, role); one statement.

    The roles of visits, which name people and not posts, are answered in reviews/recipients.py.
    """
    places = {role: _place(file, role) for role in roles}
    return _holders_at([(role, place) for role, place in places.items() if place])


def officials_of(region_id: int, role: str = OFFICIAL) -> list[tuple[User, str]]:
    """Return the officials of exactly this region today, as (person, `role`); one statement."""
    return _holders_at([(role, {"role": "official", "region": region_id})])


def posts_of_organs(organs: set[int], role: str) -> dict[int, list[User]]:
    """Return who holds `role` (clerk or signatory) today, by the id of their organ; one statement for all organs."""
    posts = Appointment.objects.on(clock.today()).filter(role=role, organ__in=organs, user__is_active=True)
    found: dict[int, dict[int, User]] = {}
    for post in posts.select_related("user").order_by("user__username", "id"):
        found.setdefault(post.organ_id, {})[post.user_id] = post.user
    return {organ: list(people.values()) for organ, people in found.items()}


def _holders_at(places: list[tuple[str, dict]]) -> list[tuple[User, str]]:
    if not places:
        return []
    wanted = Q()
    for _role, place in places:
        wanted |= Q(**place)
    posts = list(
        Appointment.objects.on(clock.today())
        .filter(wanted, user__is_active=True)
        .select_related("user")
        .order_by("user__username", "id")
    )
    return [
        (post.user, role)
        for role, place in places
        for post in posts
        if post.role == place["role"] and place.get("organ", post.organ_id) == post.organ_id
        and place.get("region", post.region_id) == post.region_id
    ]  # fmt: skip


def _place(file: Assessment, role: str) -> dict | None:
    """Return where the post lies that makes somebody `role` for the file; None where there is no such place."""
    if role in {CLERK, SIGNATORY}:
        return {"role": role, "organ": file.organ_id}
    region = {
        OFFICIAL: file.organ.region_id,
        SUPERIOR: file.organ.region.parent_id,
        MUNICIPALITY: file.cycle.region_id,
    }[role]
    return {"role": "official", "region": region} if region else None


def hears(step: str, file: Assessment, *, by, was: str | None = None, together: bool | None = None) -> list[Heard]:
    """Return who hears of `step` on the file when `by` takes it, each person once; never `by`.

    `was` is the stage from which it is taken (by default where the file stands). `together` narrows to what is told
    once for many files (True) or for each file (False). A step with a name that is not in the table concerns nobody.
    """
    stage = file.stage if was is None else was
    rows = [
        row for row in HEARS.get(step, ()) if stage in row.only_from and together in {None, row.together}
    ]  # fmt: skip
    people = holders(file, [row.role for row in rows]) if rows else []
    if rows and stages.STEPS[step].withheld:
        people = [(user, role) for user, role in people if role in AT_ORGAN or may(user, "file.hear_of_draw", file)]
    return once((Heard(user, row.role, row.kind) for row in rows for user, role in people if role == row.role), but=by)


def organs_hear(step: str, files: Iterable[Assessment], *, by) -> list[Heard]:
    """Return who of the organs hears when `by` takes the step on each of the files, each person once.

    As many statements for hundreds of files as for one; for the steps that are told to the organs alone.
    """
    organs = {file.organ_id for file in files}
    return once(
        (
            Heard(user, row.role, row.kind)
            for row in HEARS[step]
            for people in posts_of_organs(organs, row.role).values()
            for user in people
        ),
        but=by,
    )


def once(heard: Iterable[Heard], *, but) -> list[Heard]:
    """Return each person once, as the first they are named as, without `but`."""
    found: dict[int, Heard] = {}
    for one in heard:
        if but is None or one.user.pk != but.pk:
            found.setdefault(one.user.pk, one)
    return list(found.values())
