"""Who works in the demonstration: the accounts a visitor tries, and a small staff for every other region."""

from dataclasses import dataclass
from unicodedata import east_asian_width

from django.contrib.auth.hashers import make_password
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation.models import AT_ORGAN, Appointment, Organ, Region, User
from creation.stages import Text
from reviews.demo.builders import LONG_AGO
from reviews.demo.places import CITY, DONGCHENG, NATION

PASSWORD = "demo-Jieyue-2026"  # noqa: S105 the demonstration's own, printed by `manage.py demo --accounts`
XICHENG = "110102"


@dataclass(frozen=True, slots=True)
class Account:
    """A person to sign in as: user name, names, posts in regions as (role, region code), and what to try."""

    username: str
    name: str
    name_en: str
    posts: tuple[tuple[str, str], ...]
    hint: Text


ACCOUNTS = (
    Account("clerk", "李文书", "Li Wenshu", (), gettext_lazy("Start a self-rating, answer a finding")),
    Account("signatory", "王审签", "Wang Shenqian", (), gettext_lazy("Sign and submit what the clerk hands over")),
    Account("clerk2", "周经办", "Zhou Jingban", (), gettext_lazy("Files of many organs at every stage")),
    Account("signatory2", "吴负责", "Wu Fuze", (), gettext_lazy("Sign for many organs; answer an objection")),
    Account(
        "official",
        "张主管",
        "Zhang Zhuguan",
        (("official", DONGCHENG),),
        gettext_lazy("Send back, assign inspectors"),
    ),
    Account("inspector", "刘核查", "Liu Hecha", (("inspector", DONGCHENG),), gettext_lazy("Rate on site, file visits")),
    Account("inspector2", "陈核查", "Chen Hecha", (("inspector", DONGCHENG),), gettext_lazy("Second on the team")),
    Account("inspector3", "杨核查", "Yang Hecha", (("inspector", DONGCHENG),), gettext_lazy("Third on the team")),
    Account("registrar", "赵名录", "Zhao Minglu", (("registrar", DONGCHENG),), gettext_lazy("Register, invitations")),
    Account(
        "city-official",
        "孙市管",
        "Sun Shiguan",
        (("official", CITY),),
        gettext_lazy("Draw, spot check, notice, objections, recognition"),
    ),
    Account(
        "city-official2",
        "黄副管",
        "Huang Fuguan",
        (("official", CITY),),
        gettext_lazy("The second person: approves notices, decides what a colleague proposed"),
    ),
    Account("city-inspector", "朱抽查", "Zhu Choucha", (("inspector", CITY),), gettext_lazy("Spot checks")),
    Account("city-inspector2", "马抽查", "Ma Choucha", (("inspector", CITY),), gettext_lazy("Second on the team")),
    Account("city-inspector3", "胡抽查", "Hu Choucha", (("inspector", CITY),), gettext_lazy("Third on the team")),
    Account("city-registrar", "郭名录", "Guo Minglu", (("registrar", CITY),), gettext_lazy("Imports, people")),
    Account("city-viewer", "何查看", "He Chakan", (("viewer", CITY),), gettext_lazy("See all, change nothing")),
    Account(
        "nation-official",
        "高国管",
        "Gao Guoguan",
        (("official", NATION),),
        gettext_lazy("Draw from the municipal organs"),
    ),
    Account(
        "nation-inspector",
        "林国查",
        "Lin Guocha",
        (("inspector", NATION),),
        gettext_lazy("Municipal spot checks"),
    ),
    Account("nation-inspector2", "罗国查", "Luo Guocha", (("inspector", NATION),), gettext_lazy("Second on the team")),
    Account(
        "several",
        "梁多岗",
        "Liang Duogang",
        (("inspector", XICHENG), ("viewer", CITY)),
        gettext_lazy("Several posts: inspector, viewer, and clerk of a municipal organ"),
    ),
)
LEADS = {"official", "city-official"}  # who lead their departments
STAFF = ("official", "inspector", "inspector2", "clerk", "signatory")
_SURNAMES = "徐谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢"
_GIVEN = (("安", "An"), ("宁", "Ning"), ("和", "He"), ("清", "Qing"), ("节", "Jie"), ("俭", "Jian"), ("明", "Ming"))
_PINYIN = (
    "Xu Xie Han Tang Feng Yu Dong Xiao Cheng Cao Yuan Deng Xu Fu Shen Zeng Peng Lv Su Lu".split()  # noqa: SIM905
)


def login(role: str, code: str) -> str:
    """Return the user name of who holds `role` (clerk, signatory, official, inspector, inspector2 …) in a region."""
    prefixes = {DONGCHENG: role, CITY: f"city-{role}", NATION: f"nation-{role}"}
    return prefixes.get(code, f"{role}-{code}")


def build_people() -> None:
    """Create everybody with the one password, hashed once, and their posts in regions since long ago."""
    password = make_password(PASSWORD)
    regions = {region.code: region for region in Region.objects.all()}
    people = [(one.username, one.name, one.name_en, one.posts) for one in ACCOUNTS]
    people += _staff([code for code in regions if code not in {NATION, DONGCHENG}])
    User.objects.bulk_create(
        User(username=username, name=name, name_en=name_en, password=password, email=f"{username}@example.cn")
        for username, name, name_en, _posts in people
    )
    users = {user.username: user for user in User.objects.all()}
    Appointment.objects.bulk_create(
        Appointment(
            user=users[username],
            role=role,
            region=regions[code],
            starts_on=LONG_AGO,
            leads=role == "official" and username in LEADS,
        )
        for username, _name, _name_en, posts in people
        for role, code in posts
    )


def _staff(codes: list[str]) -> list[tuple[str, str, str, tuple]]:
    """Return the staff of the other districts, and clerk and signatory of the municipal organs."""
    wanted = [(role, code) for code in codes for role in (("clerk", "signatory") if code == CITY else STAFF)]
    people = []
    for number, (role, code) in enumerate(wanted):
        surname, given = number % len(_SURNAMES), _GIVEN[number // len(_SURNAMES) % len(_GIVEN)]
        kind = role.rstrip("2")
        posts = () if kind in AT_ORGAN else ((kind, code),)
        people.append((login(role, code), _SURNAMES[surname] + given[0], f"{_PINYIN[surname]} {given[1]}", posts))
    return people


def appoint_at(organ: Organ, usernames: dict[str, str]) -> None:
    """Give people (role → user name) their posts at an organ since long ago."""
    Appointment.objects.bulk_create(
        Appointment(user=User.objects.get(username=username), role=role, organ=organ, starts_on=LONG_AGO)
        for role, username in usernames.items()
    )


def accounts_table() -> list[str]:
    """Return the accounts to try as the lines of a table, with the password and the shortest way through them all."""
    users = {user.username: user for user in User.objects.filter(username__in=[one.username for one in ACCOUNTS])}
    if not users:
        return [_("The demonstration world has not been built yet: manage.py demo")]
    head = (_("User name"), _("Who"), _("Posts"), _("What to try"))
    rows = [head, *(_row(one, users[one.username]) for one in ACCOUNTS if one.username in users)]
    widths = [max(_width(row[place]) for row in rows) for place in range(len(head))]
    lines = ["  ".join(map(_padded, row, widths)).rstrip() for row in rows]
    return [
        _("Demonstration accounts, password of all: %(password)s") % {"password": PASSWORD},
        "",
        *lines,
        "",
        _("Other districts: official-, inspector-, inspector2-, clerk- and signatory-CODE, such as %(example)s.")
        % {"example": login("official", XICHENG)},
        _(
            "One file from draft to recognised: clerk, signatory, official, inspector, city-official (pool, draw; "
            "city-inspector when drawn; notice), clock ahead by two weeks, city-official (recognise)."
        ),
    ]


def _row(account: Account, user: User) -> tuple[str, str, str, str]:
    posts = list(user.appointments.select_related("organ", "region"))
    shown = [f"{post.get_role_display()} · {post.place}" for post in posts[:2]]
    if len(posts) > len(shown):
        shown.append(_("and %(number)s more") % {"number": len(posts) - len(shown)})
    return account.username, str(user), ", ".join(shown), str(account.hint)


def _width(text: str) -> int:
    """Return how many columns of a terminal the text takes: Chinese signs take two."""
    return sum(2 if east_asian_width(sign) in "WF" else 1 for sign in text)


def _padded(text: str, width: int) -> str:
    return text + " " * (width - _width(text))
