"""What the pages of a pool show of its members, for officials and for everybody alike."""

from collections.abc import Iterable

from django.core.paginator import Page, Paginator

from reviews.models import Extension, PoolMember

PAGE = 100


def standings(members: Iterable[PoolMember], extensions: Iterable[Extension]) -> list[tuple[PoolMember, str]]:
    """Return every member of a drawn pool with what became of it, as far as these extensions tell.

    That is drawn, drawn_in (after the draw), replaced (drawn, then another one took its place) or not_drawn.
    """
    extensions = list(extensions)
    drawn_in = {one.member_id for one in extensions}
    replaced = {one.replaces_id for one in extensions if one.replaces_id}
    return [(member, _standing(member, drawn_in, replaced)) for member in members]


def paged(rows: list, number: object) -> Page:
    """Return one page of a pool's rows; a recheck may have a thousand, and the file for programs has them all."""
    return Paginator(rows, PAGE).get_page(number)


def _standing(member: PoolMember, drawn_in: set[int], replaced: set[int]) -> str:
    if member.pk in replaced:
        return "replaced"
    if member.pk in drawn_in:
        return "drawn_in"
    return "drawn" if member.result.drawn else "not_drawn"
