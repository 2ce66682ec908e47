"""A city's leading posts and mailboxes, expanded by rule from its units. It names no person."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

KINDS_OF_MAILBOX = {
    "party_committee": "secretary",
    "government": "mayor",
    "district": "county",
    "county": "county",
    "functional_zone": "county",
    "street": "town",
    "town": "town",
}


@dataclass(frozen=True, slots=True)
class Post:
    """One post of one unit, as the rule gives it."""

    id: str
    zh: str
    en: str
    level: str


def head_of(unit_id: str) -> str:
    """The id of the post that heads a unit."""
    return f"l-{unit_id}-1"


def expand_leaders(data: Mapping[str, Any], units: Mapping[str, Any]) -> dict[str, Any]:
    """The content of an edition of leaders, from a city's `posts` and its expanded units.

    A post that heads several units stands once, with the names of both.
    """
    leaders: dict[str, dict[str, Any]] = {}
    for unit in units["units"]:
        for post in _posts(unit, data):
            entry = {"id": post.id, "zh": post.zh, "en": post.en, "level": post.level}
            if known := leaders.get(post.id):
                known["zh"] += f"、{post.zh}"
                known["en"] += f"; {post.en}"
                known["units"].append(unit["id"])
            else:
                leaders[post.id] = {**entry, "units": [unit["id"]]}
    return {"city": data["id"], "leaders": list(leaders.values())}


def expand_mailboxes(
    data: Mapping[str, Any], units: Mapping[str, Any], taxonomy: Mapping[str, Any]
) -> dict[str, Any]:
    """The content of an edition of mailboxes: one for each post, and one for each unit that has
    its own. A department's are for the categories for which it answers."""
    categories: dict[str, list[str]] = {}
    for field in taxonomy["leaves_by_field"]:
        for leaf in field["leaves"]:
            categories.setdefault(leaf["lead"], []).append(leaf["code"])
    boxes = []
    for unit in units["units"]:
        leads = unit.get("leads", ())
        takes = sorted(code for lead in leads for code in categories.get(lead, ()))
        for box in _boxes(unit, data):
            box["kind"] = KINDS_OF_MAILBOX.get(unit["type"], "department")
            box["adcode"] = unit["adcodes"][0]
            boxes.append({**box, "takes": takes} if takes else box)
    return {"city": data["id"], "mailboxes": boxes}


def _boxes(unit: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    posts = list(_posts(unit, data))
    if posts and data["posts"][_group(unit, data)]["own"]:
        names = {"zh": f"{unit['zh']}信箱", "en": f"{unit['en']}: mailbox"}
        yield {"id": f"m-{unit['id']}", **names, "unit": unit["id"]}
    for number, post in enumerate(posts, 1):
        names = {"zh": f"{post.zh}信箱", "en": f"{post.en}: mailbox"}
        yield {"id": f"m-{unit['id']}-{number}", **names, "leader": post.id}


def _posts(unit: Mapping[str, Any], data: Mapping[str, Any]) -> Iterator[Post]:
    group = data.get("posts", {}).get(_group(unit, data))
    if group is None or "superior" not in unit:  # what stands above the city is not its own
        return
    words = {"zh": unit["zh"], "en": unit["en"], "last": unit["zh"][-1], "place": data["zh"]}
    for ending, title in data["heads"].items():
        if unit["zh"].endswith(ending):
            words |= {"head": title["zh"], "title": title["en"]}
            break
    number = 0
    for post in group["posts"]:
        count = post.get("count", 1)
        for one in range(1, count + 1):
            number += 1
            nth = (f"（{one}）", f" {one}") if count > 1 else ("", "")
            yield Post(
                unit["led_by"] if number == 1 else f"l-{unit['id']}-{number}",
                post["zh"].format(**words) + nth[0],
                post["en"].format(**words) + nth[1],
                post["level"],
            )


def _group(unit: Mapping[str, Any], data: Mapping[str, Any]) -> str:
    type: str = unit["type"]
    if type in KINDS_OF_MAILBOX:
        return type
    return "municipal" if unit["adcodes"][0] == data["adcode"] else "department"
