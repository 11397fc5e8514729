"""What raters find in the demonstration: mostly in order, with a few weak points, the same ones on every build."""

from dataclasses import dataclass
from decimal import Decimal
from random import Random

from creation.models import Indicator
from creation.rubrics import Found, item_points
from reviews.demo.builders import best_finding, poor_finding

MOST_LOST = Decimal(13)  # a passing rating keeps well clear of the pass mark of 80
HEAVY = 3  # points; ten such indicators without any bring a rating below the pass mark

REMARKS = {
    "2.1": "分管领导为节约工作负责人，见分工通知。",
    "2.5": "已印发用电、用水、垃圾分类和设备运行管理制度。",
    "2.11": "配电室、食堂、数据机房已单独计量，个别楼层共用一块表。",
    "3.1": "公文全部线上流转，会议材料仍有少量纸质件。",
    "3.2": "夏季空调统一设定在26℃，安排专人巡查。",
    "4.2": "各楼层设四分类容器，标识每季度检查一次。",
    "5.1": "节能宣传周组织了展板、讲座和低碳出行活动。",
    "6.2": "屋顶光伏已投入使用，照明改造为LED。",
}
NOT_HERE = {
    "2.10": "本单位无物业服务合同。",
    "3.6": "本单位未配备公务用车。",
    "3.7": "本单位无食堂。",
}


@dataclass(frozen=True, slots=True)
class Entry:
    """What is entered for one indicator."""

    indicator: Indicator
    found: dict | None
    not_applicable: bool = False
    remark: str = ""


def self_rating(indicators: list[Indicator], seed: str) -> list[Entry]:
    """Return what an organ finds of itself: it passes, a few points are weak, some things it does not have."""
    absent, weak = _traits(indicators, seed)
    entries = [_entry(indicator, weak, absent) for indicator in indicators if not indicator.bonus]
    extra = _dice(f"{seed}/bonus").choice((0, 0, 0, 1, 2))
    if extra:
        bonus = [indicator for indicator in indicators if indicator.bonus]
        entries += [Entry(one, {"count": extra}, remark="获评市级节能典型案例（演示）。") for one in bonus]
    return entries


def inspection(indicators: list[Indicator], seed: str, *, visit: str, passes: bool = True) -> list[Entry]:
    """Return what a visit finds at the same organ: the organ's weak points and others of its own, or a failure."""
    absent, own = _traits(indicators, seed)
    dice = _dice(f"{seed}/{visit}")
    weak = _weak(indicators, dice, own, len(own) + dice.randint(1, 3))
    heavy = [one.code for one in indicators if one.points >= HEAVY and not one.bonus and not one.gate]
    poor = set() if passes else {*dice.sample(heavy, 9), "3.2"}
    return [_entry(one, weak, absent, poor) for one in indicators if not one.bonus]


def _traits(indicators: list[Indicator], seed: str) -> tuple[set[str], set[str]]:
    """Return the codes of what an organ does not have, and those of its weak points."""
    dice = _dice(seed)
    absent = {code for code in NOT_HERE if dice.randrange(7) == 0}
    return absent, _weak(indicators, dice, set(), dice.randint(1, 5))


def _dice(seed: str) -> Random:
    return Random(seed)  # noqa: S311 the same world on every build is the point


def _weak(indicators: list[Indicator], dice: Random, first: set[str], number: int) -> set[str]:
    """Return codes of `number` indicators, `first` among them, that together cost at most `MOST_LOST` points."""
    candidates = [one for one in indicators if not one.bonus and not one.gate]
    chosen = set(first)
    lost = sum((_loss(one) for one in candidates if one.code in first), Decimal(0))
    for one in dice.sample(candidates, len(candidates)):
        if len(chosen) < number and one.code not in chosen and 0 < _loss(one) <= MOST_LOST - lost:
            chosen.add(one.code)
            lost += _loss(one)
    return chosen


def _loss(indicator: Indicator) -> Decimal:
    return indicator.points - item_points(indicator.as_item(), Found(middling_finding(indicator)))


def _entry(indicator: Indicator, weak: set[str], absent: set[str], poor: set[str] = frozenset()) -> Entry:
    code = indicator.code
    if code in absent and indicator.not_applicable != Indicator.NotApplicable.NOT_ALLOWED:
        return Entry(indicator, None, not_applicable=True, remark=NOT_HERE[code])
    if code in poor:
        return Entry(indicator, poor_finding(indicator), remark="现场核查未见相应材料或措施。")
    found = middling_finding(indicator) if code in weak else best_finding(indicator)
    return Entry(indicator, found, remark=REMARKS.get(code, ""))


def middling_finding(indicator: Indicator) -> dict:
    """Return a finding a little below the best one (the best one where there is nothing between)."""
    rubric = indicator.rubric
    best = best_finding(indicator)
    match rubric["method"]:
        case "checklist":
            return {"present": best["present"][:-1] or best["present"]}
        case "levels":
            return {"level": max(len(rubric["levels"]) - 2, 0)}
        case "deductive":
            return {"count": 1}
        case "additive":
            return {"count": max(best["count"] - 2, 0)}
        case "banded":
            return {"value": str(rubric["bands"][1]["at_least"])}
    return best
