"""What the verbs of the others' side tell, each in the transaction of the verb. What `move` tells is not repeated."""

from datetime import date

from creation.actions.messages import Telling, about_file, about_organ, tell, tell_heard
from creation.models import Event, StageChange, User
from creation.recipients import Heard, posts_of_organs
from creation.recipients import hears as creation_hears
from reviews.models import (
    Draw,
    Extension,
    Finding,
    Inspection,
    Notice,
    Objection,
    Pool,
    RateAnnouncement,
    RecheckItem,
    RecheckRound,
    RevocationCase,
)
from reviews.recipients import going_of, hears, of_visit, team_hears


def tell_of_finding(occasion: str, finding: Finding, *, by, key: str) -> None:
    """Tell of a finding: raised, answered, returned or accepted (`occasion` as in `recipients.OCCASIONS`)."""
    heard = hears(occasion, finding, by=by)
    values = {"item": finding.indicator.code, "day": finding.due_on.isoformat() if finding.due_on else ""}
    file = finding.inspection.assessment
    tell_heard(heard, by=by, key=f"finding:{key}", assessment=file, values=values, about=finding.pk)


def tell_of_rectified(visit: Inspection, change: StageChange, *, by) -> None:
    """Tell the lead that every finding has been accepted and the visit can be filed."""
    file = visit.assessment
    heard = of_visit("rectified", file)
    tell_heard(heard, by=by, key=f"rectified:{change.pk}", assessment=file, about=visit.pk)


def tell_team(visit: Inspection, team: list[User], *, by) -> None:
    """Tell the people of a new team of their visit."""
    _tell_of_visit(team_hears(team), visit, f"visit:{visit.pk}:{visit.visit_on.isoformat()}", by=by)


def tell_of_change(visit: Inspection, event: Event, *, before: list[User], team: list[User], moved_from, by) -> None:
    """Tell who joined and who left a team; of another day also who stays, and the organ unless it is a spot check."""
    old, new = {user.pk for user in before}, {user.pk for user in team}
    heard = team_hears([user for user in team if user.pk not in old])
    heard += team_hears([user for user in before if user.pk not in new], "off_team")
    moved = moved_from != visit.visit_on
    if moved:
        heard += team_hears([user for user in team if user.pk in old], "visit_changed")
    if not visit.is_spot_check and (moved or old != new):
        organ = creation_hears("assign", visit.assessment, by=by)
        heard += [Heard(one.user, one.role, "visit_changed") for one in organ]
    key = f"event:{event.pk}"
    _tell_of_visit([one for one in heard if one.kind != "off_team"], visit, key, by=by)
    _tell_of_visit([one for one in heard if one.kind == "off_team"], visit, key, by=by, day=moved_from)


def _tell_of_visit(heard: list[Heard], visit: Inspection, key: str, *, by, day=None) -> None:
    file = visit.assessment
    values = {**about_file(file), "day": (day or visit.visit_on).isoformat(), "visit": visit.pk}
    # the page of a visit is found by the visit, the page of a file by the file
    tell(
        [
            Telling(
                one.user, one.kind, key, file, about=None if one.kind == "visit_changed" else visit.pk, values=values
            )
            for one in heard
        ],
        by=by,
    )


def tell_of_pool(pool: Pool, *, by) -> None:
    """Tell who draws that a pool has been closed."""
    values = {"year": pool.cycle.year, "count": pool.members.count()}
    tell_heard(hears("close_pool", pool, by=by), by=by, key=f"pool:{pool.pk}", values=values, about=pool.pk)


def tell_of_draw(draw: Draw, *, drawn: int, cleared: int, by) -> None:
    """Tell once, for all files of a draw, who sends teams to the drawn ones and who puts the others on a notice."""
    values = {"year": draw.pool.cycle.year, "count": drawn, "cleared": cleared}
    tell_heard(hears("draw", draw.pool, by=by), by=by, key=f"draw:{draw.pk}", values=values, about=draw.pool_id)


def tell_of_extension(extension: Extension, *, by) -> None:
    """Tell whoever sends the visits of a recheck of one more; of a drawn file whoever hears was told by its step."""
    pool = extension.draw.pool
    if pool.is_recheck:
        values = {"year": pool.cycle.year, "count": 1}
        heard = hears("draw", pool, by=by)
        tell_heard(heard, by=by, key=f"extension:{extension.pk}", values=values, about=pool.pk)


def tell_of_called_off(visit: Inspection, team: list[User], event: Event, *, by) -> None:
    """Tell a team that the visit which was planned for it is called off."""
    _tell_of_visit(team_hears(team, "off_team"), visit, f"event:{event.pk}", by=by)


def tell_of_notice(occasion: str, notice: Notice, event: Event, *, by) -> None:
    """Tell of a notice on its way to the public (`occasion` as in `recipients.OCCASIONS`)."""
    values = {"title": notice.title}
    tell_heard(hears(occasion, notice, by=by), by=by, key=f"event:{event.pk}", values=values, about=notice.pk)


def tell_of_objection(occasion: str, objection: Objection, *, by, key: str) -> None:
    """Tell of an objection: who decides, and the organ; never who objected, what for, or from where."""
    file = objection.listing.assessment
    heard = hears(occasion, objection, by=by)
    tell_heard(heard, by=by, key=f"objection:{key}", assessment=file, about=objection.pk)


def tell_of_case_opened(case: RevocationCase, *, by) -> None:
    """Tell the organ of a case about its title: what it is told there, and until when it may answer."""
    _tell_of_case(hears("open_case", case.recognition, by=by), case, by=by, key="opened")


def tell_of_case(occasion: str, case: RevocationCase, *, by, key: str) -> None:
    """Tell of a case: answered and proposed to the deciding officials, decided to the organ."""
    _tell_of_case(hears(occasion, case, by=by), case, by=by, key=key)


def _tell_of_case(heard: list[Heard], case: RevocationCase, *, by, key: str) -> None:
    title = case.recognition
    values = {**about_organ(title.organ), "day": case.heard_until.isoformat()}
    file = title.assessment
    tell_heard(heard, by=by, key=f"case:{case.pk}:{key}", assessment=file, values=values, about=case.pk)


def tell_of_announcement(announcement: RateAnnouncement, *, by) -> None:
    """Tell the officials of the regions named in it that their rates have been announced."""
    region = announcement.region
    values = {"organ": [region.name, region.name_en], "day": announcement.as_of.isoformat()}
    heard = hears("announce_rates", region, by=by)
    tell_heard(heard, by=by, key=f"announcement:{announcement.pk}", values=values, about=announcement.pk)


def tell_of_recheck_opened(recheck: RecheckRound, *, by) -> None:
    """Tell the clerks of every organ in a recheck to report, as many statements for hundreds as for one."""
    items = list(recheck.items.select_related("recognition__organ", "recognition__assessment"))
    clerks = posts_of_organs({item.recognition.organ_id for item in items}, "clerk")
    day = recheck.paper_until.isoformat()
    tell(
        [
            Telling(
                user,
                "recheck_opened",
                f"recheck:{item.pk}:opened",
                item.recognition.assessment,
                about=item.pk,
                values={**about_organ(item.recognition.organ), "day": day},
            )
            for item in items
            for user in clerks.get(item.recognition.organ_id, ())
        ],
        by=by,
    )


def tell_of_recheck(occasion: str, item: RecheckItem, *, by, key: str) -> None:
    """Tell of an organ in a recheck: visited, concluded, put right, accepted (`occasion` as in `recipients`)."""
    title = item.recognition
    day = item.rectify_until.isoformat() if item.rectify_until else ""
    values = {**about_organ(title.organ), "day": day}
    heard = hears(occasion, item, by=by)
    tell_heard(heard, by=by, key=f"recheck:{item.pk}:{key}", assessment=title.assessment, values=values, about=item.pk)


def tell_recheck_team(item: RecheckItem, event: Event, *, before: list[User], moved_from: date | None, by) -> None:
    """Tell who joins and who leaves the visit of a recheck; of another day also who stays. The organ is not told."""
    team, moved = going_of(item), moved_from != item.visit_on
    old, new = {user.pk for user in before}, {user.pk for user in team}
    joins = team_hears([user for user in team if moved or user.pk not in old], "recheck_visit")
    _tell_of_recheck_visit(joins, item, event, day=item.visit_on, by=by)
    leaves = team_hears([user for user in before if user.pk not in new], "off_team")
    _tell_of_recheck_visit(leaves, item, event, day=moved_from, by=by)


def tell_recheck_called_off(item: RecheckItem, team: list[User], event: Event, *, by) -> None:
    """Tell a team that the visit of a recheck which was planned for it is called off."""
    _tell_of_recheck_visit(team_hears(team, "off_team"), item, event, day=item.visit_on, by=by)


def _tell_of_recheck_visit(heard: list[Heard], item: RecheckItem, event: Event, *, day: date | None, by) -> None:
    title = item.recognition
    values = {**about_organ(title.organ), "day": day.isoformat() if day else ""}
    tell_heard(heard, by=by, key=f"event:{event.pk}", assessment=title.assessment, values=values, about=item.pk)
