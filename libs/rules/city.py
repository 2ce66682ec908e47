"""A city's units, expanded from a short description: kinds of departments, times districts."""

from collections.abc import Iterator, Mapping
from typing import Any

from libs.rules.organisations import Organisation, Organisations, OrgType


def read_city(data: Mapping[str, Any]) -> Organisations:
    """The units of a city from the shape of `data/cities/*.yaml`; `ValueError` names what is wrong.

    A department with `in: [urban, county, zone]` also exists in the districts of those groups, as
    `<district id>.<its own last name>`, under the district, with the same lead names.
    """
    units = [*_municipal(data), *_districts(data)]
    return Organisations(
        version=f"{data['id']}/{data['version']}",
        adcode=data["adcode"],
        units=units,
        town_duties=data.get("town_duties", ()),
    )


def _municipal(data: Mapping[str, Any]) -> Iterator[Organisation]:
    for raw in data["units"]:
        yield Organisation(
            unit_id=raw["id"],
            zh=raw["zh"],
            en=raw["en"],
            type=OrgType(raw.get("type", "department")),
            adcode=data["adcode"],
            superior=raw.get("under", data["government"]),
            lead_names=tuple(raw.get("leads", ())),
            phone=raw.get("phone", ""),
            led_by=raw.get("led_by", ""),
        )


def _districts(data: Mapping[str, Any]) -> Iterator[Organisation]:
    for raw in data["districts"]:
        unit_id, zh, en, adcode = raw["id"], raw["zh"], raw["en"], raw["adcode"]
        yield Organisation(
            unit_id=unit_id,
            zh=zh,
            en=en,
            type=OrgType(raw["type"]),
            adcode=adcode,
            superior=data["government"],
            aliases=tuple(raw.get("aliases", ())),
        )
        for kind in data["units"]:
            if raw["group"] in kind.get("in", ()):
                yield _district_department(kind, raw, data)
        for number, (name, town_zh) in enumerate(raw["towns"].items(), 1):
            street = town_zh.endswith("街道")
            yield Organisation(
                unit_id=f"{unit_id}.{name}",
                zh=town_zh,
                en=f"{name.capitalize()} {'Subdistrict' if street else 'Town'}",
                type=OrgType.STREET if street else OrgType.TOWN,
                adcode=f"{adcode}{number:03d}",
                superior=unit_id,
            )


def _district_department(
    kind: Mapping[str, Any], district: Mapping[str, Any], data: Mapping[str, Any]
) -> Organisation:
    name = kind["id"].rpartition(".")[2]
    # A department below another department (交管 below 公安) stands below it in the district too.
    above = kind.get("under", data["government"])
    parallel = kind.get("in_district_under_same", False)
    superior = f"{district['id']}.{above.rpartition('.')[2]}" if parallel else district["id"]
    return Organisation(
        unit_id=f"{district['id']}.{name}",
        zh=district["zh"] + kind.get("district_zh", kind["zh"].removeprefix(data["zh"])),
        en=f"{district['en']} {kind['en'].removeprefix('Municipal ')}",
        type=OrgType(kind.get("type", "department")),
        adcode=district["adcode"],
        superior=superior,
        lead_names=tuple(kind.get("leads", ())),
    )
