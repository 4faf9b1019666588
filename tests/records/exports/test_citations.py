"""Citations name authors, title, publisher, year and identifiers, each in the form of its style."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date

import orjson

from records.exports.citations import bibtex, gbt7714
from tests.support.exports import exported, rich, written
from tests.support.records import document

PEOPLE = [{"name": f"{given} Li", "roles": ["author"]} for given in ("Anna", "Bo Chen", "Cai", "Dan")]


def test_gbt_7714_in_chinese() -> None:
    record = replace(exported(rich(), "zh"), retrieved=date(2026, 11, 27))
    assert gbt7714.text(record) == (
        "车涛, MÜLLER A M. 中国雪深数据集[DS/OL]. 版本 2.1. 数据中心, 2024(2026-01-14)[2026-11-27]. "
        "https://doi.org/10.12072/ncdc.snow.db0001.2024. DOI: 10.12072/ncdc.snow.db0001.2024. "
        "CSTR: 11738.11.NCDC.SNOW.DB0001.2024."
    )


def test_gbt_7714_names_three_authors_and_then_et_al() -> None:
    assert gbt7714.text(exported(rich(contacts=PEOPLE))).startswith("LI A, LI B C, LI C, et al. Snow depth")
    assert gbt7714.text(exported(rich(contacts=PEOPLE), "zh")).startswith("LI A, LI B C, LI C, 等. 中国雪深")


def test_a_record_without_author_publisher_or_date_is_cited_by_title_year_and_page() -> None:
    record = replace(exported(document("bare", "Bare")), retrieved=date(2026, 11, 27))
    page = "https://data.example.org/collections/records/items/bare?f=html"
    assert gbt7714.text(record) == f"Bare[DS/OL]. 2026[2026-11-27]. {page}."


def test_bibtex_escapes_what_tex_reads() -> None:
    title = r"50% of {a_b} & \c #1 $x^2~ }"
    found = bibtex.text(exported(rich(title={"en": title})))
    assert r"50\% of \textbraceleft{}a\_b\textbraceright{} \& \textbackslash{}c \#1 \$x\textasciicircum{}2" in found
    assert found.count("{") == found.count("}")


def test_bibtex_authors() -> None:
    contacts = [
        {"name": "Müller, Anna", "roles": ["author"]},
        {"name": "车涛", "roles": ["author"]},
        {"organization": "Institute of Snow and Ice, Berlin", "roles": ["author"]},
    ]
    found = bibtex.text(exported(rich(contacts=contacts)))
    assert "author = {Müller, Anna and {车涛} and {Institute of Snow and Ice, Berlin}}," in found
    assert found.startswith("@misc{snow,\n")


def test_ris_is_a_tag_and_a_value_a_line() -> None:
    found = written(rich(description={"en": "One.\n\nTY  - BOOK\r\nTwo."}), "ris").decode()
    lines = found.split("\r\n")
    assert lines[0] == "TY  - DATA"
    assert lines[-2:] == ["ER  - ", ""]
    assert all(re.match(r"[A-Z][A-Z0-9]  - ", line) for line in lines[:-1])
    assert [line for line in lines if line.startswith("TY")] == ["TY  - DATA"]
    assert {"AU  - Müller, Anna Maria", "AU  - 车涛", "DO  - 10.12072/ncdc.snow.db0001.2024", "PY  - 2024"} <= set(
        lines
    )


def test_csl_json_is_a_list_of_one_item() -> None:
    (item,) = orjson.loads(written(rich(), "csl"))
    assert item["author"] == [{"literal": "车涛"}, {"family": "Müller", "given": "Anna Maria"}]
    assert (item["type"], item["issued"]) == ("dataset", {"date-parts": [[2024, 5, 21]]})
    assert (item["publisher"], item["DOI"]) == ("Data Centre", "10.12072/ncdc.snow.db0001.2024")


def test_contributors_stand_for_authors_where_none_is_named() -> None:
    contacts = [{"name": "甲", "roles": ["contributor"]}, {"name": "乙", "roles": ["custodian"]}]
    assert gbt7714.text(exported(rich(contacts=contacts), "zh")).startswith("甲. 中国雪深")
