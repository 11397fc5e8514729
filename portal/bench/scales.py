"""How large the registers are on which the bench measures."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """A register: how many regions of each kind from the top down (the first is the root), and how many organs."""

    name: str
    regions: tuple[tuple[str, int], ...]
    organs: int

    @property
    def region_count(self) -> int:
        """Return the number of regions of all kinds."""
        return sum(number for _kind, number in self.regions)


SCALES = {
    scale.name: scale
    for scale in (
        Scale("city", (("city", 1), ("district", 17)), 2_000),
        Scale("province", (("province", 1), ("city", 14), ("district", 185)), 20_000),
        Scale("nation", (("nation", 1), ("province", 31), ("city", 340), ("district", 2_900)), 300_000),
    )
}
