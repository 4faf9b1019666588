"""Titles of the links to the catalogue of records."""

from __future__ import annotations

from typing import Final

from config.messages import Messages

TITLES: Final = Messages(
    {
        "catalogue": {"en": "The catalogue", "zh": "目录"},
        "catalogue_page": {"en": "The catalogue as a page", "zh": "目录（网页）"},
        "earlier_versions": {"en": "Earlier versions", "zh": "更早的版本"},
        "dump": {"en": "Every record, as lines of JSON", "zh": "全部记录（每行一个 JSON）"},
        "facets": {"en": "Facets", "zh": "分面"},
        "items": {"en": "Records", "zh": "记录"},
        "items_page": {"en": "Records as a page", "zh": "记录（网页）"},
        "landing": {"en": "Metadata catalogue", "zh": "元数据目录"},
        "page": {"en": "This page", "zh": "本页"},
        "page_for_people": {"en": "This page for people", "zh": "本页（网页）"},
        "properties": {"en": "Properties", "zh": "属性"},
        "queryables": {"en": "Queryables", "zh": "可查询属性"},
        "sortables": {"en": "Sortables", "zh": "可排序属性"},
        "versions": {"en": "The versions", "zh": "全部版本"},
    }
)
