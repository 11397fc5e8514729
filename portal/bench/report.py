"""The table that the bench prints: a line a figure, a column a scale, the growth between the scales at the end."""

from collections.abc import Iterable

from portal.bench.rounds import Measured
from portal.bench.scales import SCALES

MILLI = 1000.0


def table(database: str, found: dict[str, list[Measured]]) -> str:
    """Return the figures of one database, by scale, as a table in Markdown with aligned columns."""
    scales = list(found)
    names = list(dict.fromkeys(one.name for figures in found.values() for one in figures))
    by = {(scale, one.name): one for scale, figures in found.items() for one in figures}
    head = [f"{database}: project ÷ floor", "goal", *scales, "growth per organ"]
    lines = [head, ["---"] * len(head)]
    for name in names:
        goal = next(one.goal for (_scale, of), one in by.items() if of == name)
        lines.append([name, goal, *(cell(by.get((scale, name))) for scale in scales), growth(name, scales, by)])
    return aligned(lines)


def cell(one: Measured | None) -> str:
    """Return a figure as text: `12.1 ms ÷ 11.8 ms = 1.03`, with a mark where the goal is missed."""
    if one is None:
        return "–"
    text = time(one.project)
    if one.floor is not None:
        text += f" ÷ {time(one.floor)}"
    if one.ratio is not None:
        text += f" = {one.ratio:.2f}"
    if one.note:
        text += f" ({one.note})"
    return text if one.met is not False else f"{text} ✗"


def growth(name: str, scales: list[str], by: dict[tuple[str, str], Measured]) -> str:
    """Return by what factor the project's time per organ changes from the smallest scale to the largest."""
    measured = [scale for scale in scales if (scale, name) in by]
    if len(measured) < 2:  # noqa: PLR2004 a growth lies between two
        return "–"
    first, last = (by[scale, name].project / SCALES[scale].organs for scale in (measured[0], measured[-1]))
    return f"× {last / first:.2f}"


def time(seconds: float) -> str:
    """Return a time for people: milliseconds below a second, else seconds."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * MILLI:.3g} ms"


def aligned(lines: Iterable[list[str]]) -> str:
    """Return lines of cells as a table whose columns stand below each other."""
    lines = list(lines)
    widths = [max(len(line[place]) for line in lines) for place in range(len(lines[0]))]
    return "\n".join(
        "| " + " | ".join(text.ljust(width) for text, width in zip(line, widths, strict=True)) + " |" for line in lines
    )
