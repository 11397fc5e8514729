"""Who has signed under a visit, who has not, and whether something was changed after a signature."""

from dataclasses import dataclass

from reviews.actions.signatures import sha256_to_sign
from reviews.models import Inspection, Signature
from reviews.views.walk import join_names


@dataclass(frozen=True, slots=True)
class Signed:
    """A signature that holds, the last one of its person; `changed`: the visit says something else by now."""

    signature: Signature
    changed: bool


@dataclass(frozen=True, slots=True)
class Signers:
    """The signatures that hold, the names of those of the team without one, and whether the organ has signed."""

    signed: list[Signed]
    without: str
    organ_signed: bool

    @property
    def changed(self) -> list[Signed]:
        """Return the signatures given before a change."""
        return [one for one in self.signed if one.changed]

    @property
    def disagreements(self) -> list[Signature]:
        """Return what representatives of the organ disagree with."""
        return [one.signature for one in self.signed if one.signature.disagrees]


def signers(visit: Inspection) -> Signers:
    """Return who has signed: of several signatures of one person the last one holds."""
    last: dict[object, Signature] = {}
    for signature in visit.signatures.order_by("pk"):
        last[signature.user_id or (signature.name, signature.position)] = signature
    now = sha256_to_sign(visit) if last else ""
    signed = [Signed(one, one.signed_sha256 != now) for one in last.values()]
    users = {one.user_id for one in last.values() if one.user_id}
    team = [member.user for member in visit.members.select_related("user")]
    without = join_names(user for user in team if user.pk not in users)
    return Signers(signed, without, any(one.side == Signature.Side.ORGAN for one in last.values()))
