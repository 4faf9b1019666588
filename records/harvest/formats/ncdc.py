"""Records of the National Cryosphere Desert Data Center (China): JSON, Chinese with English in `i18n.en`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from records.harvest.draft import Draft
from records.harvest.values import places, resolutions, times
from records.harvest.values.identifiers import cstr, doi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from records.harvest.fetch.content import Content
    from records.harvest.models import Harvested

_ZONE: Final = "+08:00"
"""Times without a zone are China Standard Time."""
_NOTHING: Final = frozenset({"无", "暂无", "/", "-", "none", "null", "n/a"})
"""Words that stand for an empty field."""
_SHARING: Final = {"open-access": "open", "login-access": "login", "apply-access": "apply"}
_FORMATS: Final = {
    "tif": ("GeoTIFF", "image/tiff; application=geotiff"),
    "tiff": ("GeoTIFF", "image/tiff; application=geotiff"),
    "nc": ("NetCDF", "application/netcdf"),
    "hdf": ("HDF", "application/x-hdf"),
    "csv": ("CSV", "text/csv"),
    "xlsx": ("XLSX", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    "shp": ("Shapefile", "application/vnd.shp"),
    "txt": ("Text", "text/plain"),
}
_TEXTS: Final = {
    "ds_abstract": "description",
    "ds_source": "source",
    "ds_process_way": "lineage",
    "ds_quality": "quality",
    "ds_acq_place": "place",
    "ds_ref_way": "citation",
    "ds_ref_instruction": "citationInstructions",
    "paper_ref_way": "relatedPublication",
}
"""Texts in both languages, and the properties that hold them."""
_PARTIES: Final = {"ds_contributors": "contributor", "ds_meta_authors": "metadataAuthor", "ds_managers": "custodian"}
_TAGS: Final = ("ds_topic_tags", "ds_subject_tags", "ds_class_tags", "ds_locus_tags")
_MAPPED: Final = frozenset(
    {
        "id", "version", "title_cn", "title_en", "lang", "i18n", "ds_acq_start_time", "ds_acq_end_time",
        "ds_time_res", "ds_acq_lon_east", "ds_acq_lat_south", "ds_acq_lon_west", "ds_acq_lat_north",
        "ds_acq_alt_low", "ds_acq_alt_high", "ds_share_type", "protected", "protected_to", "ds_total_size",
        "ds_files_count", "ds_format", "ds_space_res", "ds_coordinate", "ds_projection", "ds_serv_man",
        "ds_serv_phone", "ds_serv_mail", "doi_value", "cstr", "subject_codes", "publish_time", "last_updated",
        "license_type", "category",
    }
) | {*_TEXTS, *_PARTIES, *_TAGS}  # fmt: skip
"""Fields that the public record holds, or that are private contacts; all others are kept for operators."""


class Ncdc:
    """The adapter `ncdc`."""

    name = "ncdc"

    def recognises(self, content: Content) -> bool:
        """Whether the content is one record, a list of them, or an answer that holds them in `data`."""
        return any(True for _ in self.entries(content))

    def entries(self, content: Content) -> Iterator[dict[str, Any]]:
        """The records of the content."""
        value = content.json
        if isinstance(value, dict) and isinstance(value.get("data"), list | dict):
            value = value["data"]
        for entry in value if isinstance(value, list) else [value]:
            if isinstance(entry, dict) and "title_cn" in entry and any(k.startswith("ds_") for k in entry):
                yield entry

    def record(self, entry: dict[str, Any], *, base: str) -> Harvested:
        """The record of one entry; raises InvalidRecord."""
        del base
        return _Record(entry).harvested()


class _Record:
    """One record of the centre on its way into the stored form."""

    def __init__(self, entry: dict[str, Any]) -> None:
        language = entry.get("lang") if entry.get("lang") in ("zh", "en") else "zh"
        self.entry = entry
        self.english: dict[str, Any] = _mapping(_mapping(entry.get("i18n")).get("en"))
        self.draft = Draft("ncdc", language=language)

    def harvested(self) -> Harvested:
        """The record and what was irregular."""
        self._texts()
        self._place()
        self._time()
        self._access()
        self._identifiers()
        self._keywords()
        self._parties()
        self._data()
        self._grid()
        for name, value in self.entry.items():
            if name not in _MAPPED:
                self.draft.keep(name, value)
        for name, value in self.english.items():
            if name not in ("title", "ds_format", "ds_time_res", "ds_space_res", "ds_projection", *_TEXTS):
                self.draft.keep(f"i18n.en.{name}", value)
        source_id = self.entry.get("id")
        return self.draft.finish(source_id if isinstance(source_id, str) else None)

    def _said(self, name: str) -> str:
        """The text of a field; a word that stands for nothing is reported and counts as nothing."""
        value = self.entry.get(name)
        if isinstance(value, int | float) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str):
            return ""
        if value.strip().casefold() in _NOTHING:
            self.draft.note(name, value, "taken for an empty field")
            return ""
        return value.strip()

    def _texts(self) -> None:
        draft = self.draft
        draft.text("title", self._said("title_cn"), language="zh", field="title_cn")
        title_en, translated = self._said("title_en"), self.english.get("title")
        draft.text("title", title_en, language="en", field="title_en")
        draft.text("title", translated, language="en", field="i18n.en.title")
        if title_en and isinstance(translated, str) and translated.strip() not in ("", title_en):
            draft.note("i18n.en.title", translated, "left out: title_en is another text and counts")
        for field, name in _TEXTS.items():
            draft.text(name, self._said(field), language="zh", field=field)
            draft.text(name, self.english.get(field), language="en", field=f"i18n.en.{field}")
        for field in ("title_cn", "title_en", "ds_abstract"):
            if not self._said(field):
                draft.note(field, self.entry.get(field), "missing")

    def _place(self) -> None:
        names = ("ds_acq_lon_west", "ds_acq_lat_south", "ds_acq_lon_east", "ds_acq_lat_north")
        sides = [self.entry.get(name) for name in names]
        box = places.box_of(*sides)
        if box is None:
            self.draft.note("ds_acq_lon_west..ds_acq_lat_north", sides, "left out: it is no box on the earth")
        else:
            self.draft.geometry = places.boxes_geometry([box])
        low, high = (places.number(self.entry.get(f"ds_acq_alt_{end}")) for end in ("low", "high"))
        ends = {"minimum": low, "maximum": high}
        if low is not None or high is not None:
            self.draft.properties["elevation"] = {k: v for k, v in ends.items() if v is not None} | {"unit": "m"}

    def _time(self) -> None:
        start, end = self._day("ds_acq_start_time"), self._day("ds_acq_end_time")
        if not start and not end:
            self.draft.note("ds_acq_start_time..ds_acq_end_time", "", "no time is given: the record has none")
        elif f"{start}{end}" != self._said("ds_acq_start_time") + self._said("ds_acq_end_time"):
            self.draft.note("ds_acq_start_time..ds_acq_end_time", f"{start}..{end}", "midnights taken for whole days")
        self.draft.interval(start, end, field="ds_acq_start_time..ds_acq_end_time", zone=_ZONE)
        self.draft.time_resolution(self._said("ds_time_res"), field="ds_time_res")
        years = [y for y in _list(self.entry.get("ds_time_tags")) if isinstance(y, int)]
        if years and start and end and not start[:4] <= str(min(years)) <= str(max(years)) <= end[:4]:
            self.draft.note("ds_time_tags", years, f"not within {start[:4]} to {end[:4]}, which counts")

    def _day(self, name: str) -> str:
        """A time of the data; midnight stands for its whole day."""
        text = self._said(name)
        return text.removesuffix(" 00:00:00")

    def _access(self) -> None:
        sharing, protected = self._said("ds_share_type"), self.entry.get("protected")
        access: dict[str, Any] = {"policy": _SHARING.get(sharing, "apply")}
        if sharing not in _SHARING:
            self.draft.note("ds_share_type", sharing, "not known: data is on application, the strictest")
        until = self._said("protected_to")
        day = times.moment(until.removesuffix(" 00:00:00")) if until else None
        if until and day is None:
            day = "9999-12-31"
            self.draft.note("protected_to", until, "no date: the data stays under embargo until one is given")
        if protected is True and not until:
            day = "9999-12-31"
            self.draft.note("protected", protected, "without protected_to: under embargo until a date is given")
        if until and protected is not True:
            self.draft.note("protected", protected, f"beside protected_to={until}: counts as embargoed until then")
        if day:
            access["embargoUntil"] = day[:10]
        self.draft.properties["access"] = access
        self.draft.license(self.entry.get("license_type"), field="license_type")
        if "license" not in self.draft.properties:
            self.draft.note("license_type", self.entry.get("license_type"), "no licence is known")

    def _identifiers(self) -> None:
        draft = self.draft
        draft.identifier(self.entry.get("id"))
        for name, parse, scheme in (("doi_value", doi, "doi"), ("cstr", cstr, "cstr")):
            value = self._said(name)
            if value and parse(value) is None:
                draft.note(name, value, f"kept as it is, though it is no {scheme.upper()}")
            draft.identifier(value, scheme)
            registered = self.entry.get(f"{name.removesuffix('_value')}_reg_from")
            if not value and registered:
                draft.note(name, value, f"missing, though {name.removesuffix('_value')}_reg_from is {registered}")
        version = self.entry.get("version")
        if version is not None:
            draft.properties["version"] = str(version)

    def _keywords(self) -> None:
        draft = self.draft
        for name in _TAGS:
            for word in _list(self.entry.get(name)):
                draft.keyword(word, language="zh")
        draft.keyword(self._said("category"), language="zh")
        codes = [c for c in _list(self.entry.get("subject_codes")) if isinstance(c, str) and c.strip()]
        names = [n for n in _list(self.entry.get("ds_subject_tags")) if isinstance(n, str)]
        paired = len(codes) == len(names)
        if codes and not paired:
            draft.note("subject_codes", codes, f"{len(names)} ds_subject_tags do not name them one by one")
        concepts = [
            {"id": code, **({"title": {"zh": name}} if name else {})}
            for code, name in zip(codes, names if paired else [""] * len(codes), strict=True)
        ]
        draft.theme("GB/T 13745-2009", concepts)

    def _parties(self) -> None:
        for field, role in _PARTIES.items():
            for party in _list(self.entry.get(field)):
                if not isinstance(party, dict):
                    self.draft.note(field, party, "left out: it is no party")
                    continue
                place = _text(party.get("country"))
                contact: dict[str, Any] = {
                    "name": _text(party.get("true_name")),
                    "organization": _text(party.get("work_for")),
                }
                contact |= {"addresses": [{"country": place}]} if place else {}
                mails, phones = [_text(party.get("email"))], [_text(party.get("phone"))]
                self.draft.contact(contact, roles=[role], emails=mails, phones=phones, private=True)
                members = {"true_name", "email", "work_for", "country", "phone"}
                self.draft.keep(
                    f"{field}.{contact['name']}", {k: v for k, v in party.items() if k not in members and v}
                )
        self.draft.contact(
            {"name": self._said("ds_serv_man")},
            roles=["pointOfContact"],
            emails=[self._said("ds_serv_mail")],
            phones=[self._said("ds_serv_phone")],
            private=True,
        )

    def _data(self) -> None:
        properties = self.draft.properties
        size, files = self.entry.get("ds_total_size"), self.entry.get("ds_files_count")
        if isinstance(size, int) and size > 0:
            properties["size"] = size
        if isinstance(files, int) and files > 0:
            properties["fileCount"] = files
        elif size:
            self.draft.note("ds_files_count", files, f"left out beside ds_total_size={size}")
        for word in self._said("ds_format").replace(";", ",").replace("、", ",").split(","):
            suffix = word.strip().lower().removeprefix("*").removeprefix(".")
            name, media_type = _FORMATS.get(suffix, (word.strip(), None))
            self.draft.format_name(name, media_type)
        for field, name in (("publish_time", "issued"), ("last_updated", "modified")):
            moment = times.moment(self._said(field), zone=_ZONE)
            if moment:
                properties[name] = moment
                if times.has_no_zone(self._said(field)):
                    self.draft.note(field, self._said(field), f"no zone is given; taken for {_ZONE}")
            elif self._said(field):
                self.draft.note(field, self._said(field), "left out: it is no time")

    def _grid(self) -> None:
        text = self._said("ds_space_res")
        distance = resolutions.distance(text) if text else None
        if text and distance is None:
            self.draft.note("ds_space_res", text, "kept: it is no size that is known")
            self.draft.keep("ds_space_res", text)
        elif distance is not None:
            value, unit = distance
            if unit is None:
                self.draft.note("ds_space_res", text, f"no unit is given; taken for {value:g} m")
            self.draft.properties["spatialResolution"] = {"value": value, "unit": unit or "m"}
        systems = [name for name in (self._said("ds_coordinate"), self._said("ds_projection")) if name]
        if systems:
            self.draft.properties["referenceSystems"] = systems


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: object) -> str:
    return value.strip() if isinstance(value, str) else ""
