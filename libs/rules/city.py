"""A city's units, expanded from a short description: kinds of departments, times districts."""

from collections.abc import Iterator, Mapping
from typing import Any

from libs.rules.organisations import Organisation, Organisations, OrgType
from libs.rules.posts import head_of
from libs.rules.succession import Successor


def read_city(data: Mapping[str, Any]) -> Organisations:
    """The units of a city from the shape of `data/cities/*.yaml`."""
    return read_units(expand_city(data))


def read_units(content: Mapping[str, Any], version: str = "1") -> Organisations:
    """The units from the content of an edition, which was checked for its shape; `version` is for
    one that names none. Raises `Mistakes`."""
    return Organisations(
        version=f"{content['city']}/{content.get('version', version)}",
        adcode=content["adcode"],
        units=map(_unit, content["units"]),
        town_duties=content.get("town_duties", ()),
        government=content["government"],
    )


def expand_city(data: Mapping[str, Any]) -> dict[str, Any]:
    """The content of an edition, unit by unit, from the short description of a city.

    A department with `in: [urban, county, zone]` also exists in the districts of those groups, as
    `<district id>.<its own last name>`, under the district, with the same lead names. A unit's
    `led_by` is the post of its head (`posts.py`), unless the description names another.
    """
    return {
        "city": data["id"],
        "version": str(data["version"]),
        "adcode": data["adcode"],
        "government": data["government"],
        "town_duties": list(data.get("town_duties", ())),
        "units": [*_municipal(data), *_districts(data)],
    }


def _unit(entry: Mapping[str, Any]) -> Organisation:
    adcode, *further = entry["adcodes"]
    return Organisation(
        unit_id=entry["id"],
        zh=entry["zh"],
        en=entry["en"],
        type=OrgType(entry["type"]),
        adcode=adcode,
        superior=entry.get("superior"),
        lead_names=tuple(entry.get("leads", ())),
        phone=entry.get("phone", ""),
        led_by=entry.get("led_by", ""),
        aliases=tuple(entry.get("aliases", ())),
        further=tuple(further),
        duties=tuple(entry.get("duties", ())),
        discipline=entry.get("discipline", ""),
        dissolved=entry.get("dissolved", False),
        successors=tuple(
            Successor(s["unit"], tuple(s.get("categories", ())), tuple(s.get("adcodes", ())))
            for s in entry.get("successors", ())
        ),
    )


def _entry(**values: Any) -> dict[str, Any]:
    """A unit in the shape of an edition; its head leads it, if it is of the city."""
    if values.get("superior"):
        values["led_by"] = values.get("led_by") or head_of(values["id"])
    return {name: value for name, value in values.items() if value}


def _municipal(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for raw in data["units"]:
        yield _entry(
            id=raw["id"],
            zh=raw["zh"],
            en=raw["en"],
            type=raw.get("type", "department"),
            adcodes=[data["adcode"]],
            superior=raw.get("under", data["government"]),
            leads=list(raw.get("leads", ())),
            phone=raw.get("phone", ""),
            led_by=raw.get("led_by", ""),
        )


def _districts(data: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for raw in data["districts"]:
        unit_id, zh, en, adcode = raw["id"], raw["zh"], raw["en"], raw["adcode"]
        yield _entry(
            id=unit_id,
            zh=zh,
            en=en,
            type=raw["type"],
            adcodes=[adcode],
            superior=data["government"],
            aliases=list(raw.get("aliases", ())),
        )
        for kind in data["units"]:
            if raw["group"] in kind.get("in", ()):
                yield _district_department(kind, raw, data)
        for number, (name, town_zh) in enumerate(raw["towns"].items(), 1):
            street = town_zh.endswith("街道")
            yield _entry(
                id=f"{unit_id}.{name}",
                zh=town_zh,
                en=f"{name.capitalize()} {'Subdistrict' if street else 'Town'}",
                type="street" if street else "town",
                adcodes=[f"{adcode}{number:03d}"],
                superior=unit_id,
            )


def _district_department(
    kind: Mapping[str, Any], district: Mapping[str, Any], data: Mapping[str, Any]
) -> dict[str, Any]:
    name = kind["id"].rpartition(".")[2]
    # A department below another department (交管 below 公安) stands below it in the district too.
    above = kind.get("under", data["government"])
    parallel = kind.get("in_district_under_same", False)
    superior = f"{district['id']}.{above.rpartition('.')[2]}" if parallel else district["id"]
    return _entry(
        id=f"{district['id']}.{name}",
        zh=district["zh"] + kind.get("district_zh", kind["zh"].removeprefix(data["zh"])),
        en=f"{district['en']} {kind['en'].removeprefix('Municipal ')}",
        type=kind.get("type", "department"),
        adcodes=[district["adcode"]],
        superior=superior,
        leads=list(kind.get("leads", ())),
    )
