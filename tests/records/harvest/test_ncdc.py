"""Records of the National Cryosphere Desert Data Center: what is mapped, normalised, reported and kept private."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from records.datasets.models import Access
from records.documents.documents import access_of, require_valid
from records.harvest import read_record
from records.harvest.formats.ncdc import _MAPPED
from records.harvest.models import Harvested
from tests.support.harvest import EVAPORATION, LAND_COVER, NCDC, PERMAFROST, SECRETS, harvested, ncdc_entry

real = pytest.mark.skipif(not NCDC.is_dir(), reason="the shared data is not here")


def noted(record: Harvested) -> set[str]:
    return {note.field for note in record.notes}


def properties(**changes: object) -> dict[str, Any]:
    found: dict[str, Any] = harvested(ncdc_entry(**changes)).document["properties"]
    return found


def test_titles_texts_and_identifiers_are_mapped() -> None:
    document = harvested(ncdc_entry()).document
    found = document["properties"]
    assert document["id"] == ncdc_entry()["id"]
    assert found["title"] == {"zh": "青藏高原积雪深度", "en": "Snow depth of the Tibetan Plateau"}
    assert found["description"] == {"zh": "积雪深度 < 1 米。\n\n第二段。", "en": "Snow depth."}
    assert found["externalIds"][1:] == [
        {"scheme": "doi", "value": "10.12072/ncdc.test.db0001.2024"},
        {"scheme": "cstr", "value": "11738.11.NCDC.TEST.DB0001.2024"},
    ]
    assert found["license"] == "CC-BY-4.0"
    assert document["time"] == {"interval": ["2001-01-01", "2005-12-31"], "resolution": "P1D"}


@pytest.mark.parametrize(
    ("text", "size", "reported"),
    [
        ("1m", (1.0, "m"), False),
        ("1km", (1000.0, "m"), False),
        ("1000", (1000.0, "m"), True),
        ("30米", (30.0, "m"), False),
        ("0.25°", (0.25, "deg"), False),
        ("fine", None, True),
        ("无", None, True),
        ("", None, False),
    ],
)
def test_sizes_of_cells_are_metres_or_degrees(text: str, size: tuple[float, str] | None, *, reported: bool) -> None:
    record = harvested(ncdc_entry(ds_space_res=text))
    expected = {"value": size[0], "unit": size[1]} if size else None
    assert record.document["properties"].get("spatialResolution") == expected
    assert ("ds_space_res" in noted(record)) is reported


@pytest.mark.parametrize(
    ("sharing", "policy", "reported"),
    [
        ("open-access", "open", False),
        ("login-access", "login", False),
        ("apply-access", "apply", False),
        ("whoever", "apply", True),
        (None, "apply", True),
    ],
)
def test_the_sharing_type_becomes_the_access(sharing: str | None, policy: str, *, reported: bool) -> None:
    record = harvested(ncdc_entry(ds_share_type=sharing))
    assert record.document["properties"]["access"] == {"policy": policy}
    assert ("ds_share_type" in noted(record)) is reported


@pytest.mark.parametrize(
    ("protected", "until", "embargo"),
    [
        (False, "2027-08-20 00:00:00", "2027-08-20"),
        (True, "2027-08-20 00:00:00", "2027-08-20"),
        (True, None, "9999-12-31"),
        (True, "soon", "9999-12-31"),
        (False, None, None),
    ],
)
def test_an_embargo_counts_whatever_the_flag_says(*, protected: bool, until: str | None, embargo: str | None) -> None:
    record = harvested(ncdc_entry(protected=protected, protected_to=until))
    access = access_of(record.document)
    assert access is not None
    assert (access.embargo_until.isoformat() if access.embargo_until else None) == embargo
    assert ({"protected", "protected_to"} & noted(record) != set()) is ((protected, until) in _IRREGULAR)


_IRREGULAR = {(False, "2027-08-20 00:00:00"), (True, None), (True, "soon")}


def test_an_unknown_policy_of_a_record_is_read_as_the_strictest() -> None:
    assert access_of({"properties": {"access": {"policy": "x"}}}) == Access(policy="apply")
    assert access_of({"properties": {}}) is None


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"ds_abstract": "<p>open"}, "ds_abstract"),
        ({"title_en": "Another"}, "i18n.en.title"),
        ({"ds_acq_start_time": None, "ds_acq_end_time": None}, "ds_acq_start_time..ds_acq_end_time"),
        ({"ds_acq_start_time": "spring"}, "ds_acq_start_time..ds_acq_end_time"),
        ({"ds_acq_lat_south": 95}, "ds_acq_lon_west..ds_acq_lat_north"),
        ({"ds_time_res": "不定期"}, "ds_time_res"),
        ({"doi_value": "none yet"}, "doi_value"),
        ({"doi_value": "", "doi_reg_from": "reg_local"}, "doi_value"),
        ({"license_type": ""}, "license_type"),
        ({"ds_time_tags": [1999, 2004]}, "ds_time_tags"),
        ({"subject_codes": ["170.45", "170.15"], "ds_subject_tags": ["地理学"]}, "subject_codes"),
        ({"ds_contributors": ["甲"]}, "ds_contributors"),
        ({"publish_time": "2024-05-21 14:53:59"}, "publish_time"),
    ],
)
def test_what_is_irregular_is_reported_by_field(changes: dict[str, Any], field: str) -> None:
    assert field not in noted(harvested(ncdc_entry()) if field != "ds_acq_start_time..ds_acq_end_time" else _plain())
    record = harvested(ncdc_entry(**changes))
    assert field in noted(record)
    require_valid(record.document)


def _plain() -> Harvested:
    return harvested(ncdc_entry(ds_acq_start_time="2001-01-01", ds_acq_end_time="2005-12-31"))


def test_mails_and_phones_are_private_even_where_a_text_repeats_one() -> None:
    record = harvested(ncdc_entry(ds_source=f"Ask {SECRETS[0]} or {SECRETS[2]}"))
    public = json.dumps(record.document, ensure_ascii=False)
    assert not [secret for secret in SECRETS if secret in public]
    kept = json.dumps(record.private, ensure_ascii=False)
    assert all(secret in kept for secret in SECRETS)
    assert "Ask" in public


def test_a_party_without_a_name_keeps_its_mail_private_too() -> None:
    record = harvested(ncdc_entry(ds_contributors=[{"true_name": "", "email": SECRETS[1], "work_for": "某研究所"}]))
    assert SECRETS[1] not in json.dumps(record.document)
    assert {"organization": "某研究所", "roles": ["contributor"]} in record.document["properties"]["contacts"]


def test_one_person_with_several_tasks_is_one_contact() -> None:
    person = {"true_name": "甲", "email": SECRETS[1], "work_for": "某研究所", "country": "中国"}
    contacts = properties(ds_contributors=[person], ds_managers=[person], ds_meta_authors=[person])["contacts"]
    assert [c["roles"] for c in contacts if c["name"] == "甲"] == [["contributor", "metadataAuthor", "custodian"]]


@real
@pytest.mark.parametrize("record_id", [PERMAFROST, LAND_COVER, EVAPORATION])
def test_every_field_of_a_real_record_is_mapped_or_kept(record_id: str) -> None:
    path = NCDC / f"{record_id}.json"
    entry = json.loads(path.read_text())
    record = read_record(path)
    kept = record.private["fields"]
    for name, value in entry.items():
        assert name in _MAPPED or kept.get(name) == value or value in (None, "", [], {}), name
    mails = set(re.findall(r"[\w.]+@[\w.]+", path.read_text()))
    assert mails
    assert not [mail for mail in mails if mail in json.dumps(record.document)]


@real
def test_real_records_have_the_extents_and_times_of_their_files() -> None:
    for path in NCDC.glob("*.json"):
        entry, document = json.loads(path.read_text()), read_record(path).document
        west, south, east, north = (entry[f"ds_acq_{s}"] for s in ("lon_west", "lat_south", "lon_east", "lat_north"))
        corners = document["geometry"]["coordinates"][0]
        assert (corners[0], corners[2]) == ([west, south], [east, north])
        start, end = entry["ds_acq_start_time"], entry["ds_acq_end_time"]
        interval = document["time"]["interval"] if document["time"] else [None, None]
        assert interval == [start and start[:10], end and end[:10]]
