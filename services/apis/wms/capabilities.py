"""GetCapabilities of both versions (OGC 06-042, 7.2; 01-068r3, 7.1), written dataset by dataset while it is sent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from urllib.parse import quote, urlencode

from config.vocabulary import XML
from services.apis.wms.layer_elements import CRSS, MORE_CRSS, LayerWriter
from services.apis.wms.legend import LEGEND_FORMATS
from services.apis.wms.map_request import FORMATS, MAX_EDGE, MAX_LAYERS
from services.apis.wms.queries import INFO_FORMATS
from services.ows.markup import DECLARATION, element, leaf

if TYPE_CHECKING:
    from collections.abc import Iterator

    from services.access.principal import Principal
    from services.ows.layer_catalogue import LayerCatalogue, LayerList
    from services.web.context import Context
    from services.web.negotiation import Language

VERSIONS: Final = ("1.1.1", "1.3.0")
MEDIA_TYPES: Final = {"1.1.1": "application/vnd.ogc.wms_xml", "1.3.0": "text/xml"}
_WORLD: Final = (-180.0, -90.0, 180.0, 90.0)
_ROOT: Final = {
    "1.1.1": (
        '<!DOCTYPE WMT_MS_Capabilities SYSTEM "http://schemas.opengis.net/wms/1.1.1/WMS_MS_Capabilities.dtd">\n'
        '<WMT_MS_Capabilities version="1.1.1">'
    ),
    "1.3.0": (
        '<WMS_Capabilities version="1.3.0" xmlns="http://www.opengis.net/wms" '
        'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:sld="http://www.opengis.net/sld" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:schemaLocation="http://www.opengis.net/wms '
        "http://schemas.opengis.net/wms/1.3.0/capabilities_1_3_0.xsd http://www.opengis.net/sld "
        'http://schemas.opengis.net/sld/1.1.0/sld_capabilities.xsd">'
    ),
}
_END: Final = {"1.1.1": "</WMT_MS_Capabilities>", "1.3.0": "</WMS_Capabilities>"}
_EXCEPTIONS: Final = {
    "1.1.1": ("application/vnd.ogc.se_xml", "application/vnd.ogc.se_inimage", "application/vnd.ogc.se_blank"),
    "1.3.0": ("XML", "INIMAGE", "BLANK"),
}


class WmsCapabilities:
    """Writes the capabilities of a catalogue or a collection.

    Args:
        context: Of the application.
        endpoint: URL of the service, without a query.
        language: Of titles and abstracts.
        version: 1.1.1 or 1.3.0.
        offers_series: Whether GetTimeseries is listed; the schema of WMS has no place for it.
    """

    def __init__(
        self, context: Context, endpoint: str, language: Language, version: str, *, offers_series: bool
    ) -> None:
        self._context = context
        self._endpoint = endpoint
        self._language = language
        self._version = version
        self._offers_series = offers_series
        self._layers = LayerWriter(context.settings.base_url, language, version)

    def document(
        self, principal: Principal, layers: LayerCatalogue, chosen: LayerList, *, is_index: bool
    ) -> Iterator[str]:
        """Yield the document in pieces; an index names the themes, each a document of its own."""
        yield DECLARATION + _ROOT[self._version] + self._service(is_index=is_index)
        exceptions = "".join(leaf("Format", name) for name in _EXCEPTIONS[self._version])
        yield "<Capability>" + self._requests() + element("Exception", exceptions)
        yield self._layers.group(self._context.settings.server.title)
        yield self._layers.crs_elements((*CRSS, *MORE_CRSS)) + self._layers.boxes(_WORLD)
        if is_index:
            yield from map(self._theme, chosen.themes)
        else:
            yield from self._tree(principal, layers, chosen)
        yield "</Layer></Capability>" + _END[self._version]

    def _tree(self, principal: Principal, layers: LayerCatalogue, contents: LayerList) -> Iterator[str]:
        """The layers, in a group for each theme where there are several."""
        has_groups = len(contents.themes) > 1
        current: str | None = None
        key = (f"wms {self._version}", self._language)
        for theme, text in layers.fragments(self._context, principal, contents, key, self._layers.dataset):
            if has_groups and theme != current:
                yield ("" if current is None else "</Layer>") + self._layers.group(theme or self._other)
                current = theme
            yield text
        if current is not None:
            yield "</Layer>"

    @property
    def _other(self) -> str:
        return "其他" if self._language == "zh" else "Other"

    def _theme(self, theme: str) -> str:
        query = {"service": "WMS", "version": self._version, "request": "GetCapabilities", "theme": theme}
        href = f"{self._endpoint}?{urlencode(query, quote_via=quote)}"
        return self._layers.group(theme or self._other) + leaf("Abstract", href) + "</Layer>"

    def _service(self, *, is_index: bool) -> str:
        server = self._context.settings.server
        limit = self._context.settings.limit.map_layers
        note = f"More than {limit} layers: each theme has a document of its own." if is_index else ""
        abstract = " ".join(part for part in (server.description, note) if part)
        keywords = element("KeywordList", "".join(leaf("Keyword", word) for word in ("WMS", "raster", "time series")))
        mail = leaf("ContactElectronicMailAddress", server.contact) if server.contact else ""
        is_new = self._version == "1.3.0"
        limits = leaf("LayerLimit", MAX_LAYERS) + leaf("MaxWidth", MAX_EDGE) + leaf("MaxHeight", MAX_EDGE)
        return element(
            "Service",
            leaf("Name", "WMS" if is_new else "OGC:WMS")
            + leaf("Title", server.title)
            + (leaf("Abstract", abstract) if abstract else "")
            + keywords
            + self._online(f"{self._context.settings.base_url}/")
            + (element("ContactInformation", mail) if mail else "")
            + leaf("Fees", "none")
            + leaf("AccessConstraints", "none")
            + (limits if is_new else ""),
        )

    def _requests(self) -> str:
        prefix = "sld:" if self._version == "1.3.0" else ""
        first = [
            ("GetCapabilities", (MEDIA_TYPES[self._version],)),
            ("GetMap", FORMATS),
            ("GetFeatureInfo", INFO_FORMATS),
        ]
        more = [
            (f"{prefix}DescribeLayer", (XML,) if prefix else (MEDIA_TYPES["1.1.1"],)),
            (f"{prefix}GetLegendGraphic", LEGEND_FORMATS),
        ]
        if self._offers_series:
            more.append(("GetTimeseries", ("text/csv",)))
        return element("Request", "".join(self._request(*operation) for operation in (*first, *more)))

    def _request(self, name: str, formats: tuple[str, ...]) -> str:
        get = element("DCPType", element("HTTP", element("Get", self._online(f"{self._endpoint}?"))))
        return element(name, "".join(leaf("Format", media) for media in formats) + get)

    def _online(self, href: str) -> str:
        attributes = {"xlink:type": "simple", "xlink:href": href}
        if self._version == "1.1.1":
            attributes["xmlns:xlink"] = "http://www.w3.org/1999/xlink"
        return element("OnlineResource", attributes=attributes)


def negotiated(version_text: str) -> str:
    """The version to answer with: the highest that is not above the wanted one, else the lowest (06-042, 6.2.4)."""
    if not version_text:
        return VERSIONS[-1]
    parts = tuple(int(part) if part.isascii() and part.isdecimal() else 0 for part in version_text[:20].split("."))
    candidates = [version for version in VERSIONS if tuple(map(int, version.split("."))) <= parts]
    return candidates[-1] if candidates else VERSIONS[0]
