"""Styles of other programs as they are read: colours at values, opacity, and what is not understood."""

from __future__ import annotations

import math

import pytest

from config.errors import SourceRefused
from services.drawing.style_documents.reading import MAX_BYTES, read_style

QGIS = "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'><qgis><pipe>{}</pipe></qgis>"
RAMP = (
    '<rasterrenderer type="singlebandpseudocolor" band="1" opacity="{opacity}" alphaBand="-1"><rastershader>'
    '<colorrampshader colorRampType="{kind}" clip="{clip}">{items}</colorrampshader></rastershader></rasterrenderer>'
)
ITEMS = (
    '<item value="0" color="#440154" alpha="255" label="zero"/><item value="{}" color="#fde725" alpha="128" label=""/>'
)
SLD = '<StyledLayerDescriptor xmlns="http://www.opengis.net/sld" version="1.0.0">{}</StyledLayerDescriptor>'
RASTER = (
    "<UserLayer><UserStyle><Title>Depth</Title><FeatureTypeStyle><Rule><RasterSymbolizer>{}"
    "</RasterSymbolizer></Rule></FeatureTypeStyle></UserStyle></UserLayer>"
)
ENTRIES = (
    '<ColorMapEntry color="#000080" quantity="-10" opacity="0.5" label="deep"/>'
    '<ColorMapEntry color="#ffffff" quantity="0"/>'
)


def qml(kind: str = "INTERPOLATED", *, opacity: str = "1", clip: str = "0", last: str = "10") -> bytes:
    return QGIS.format(RAMP.format(kind=kind, opacity=opacity, clip=clip, items=ITEMS.format(last))).encode()


def sld(body: str) -> bytes:
    return SLD.format(RASTER.format(body)).encode()


def test_a_ramp_of_qgis() -> None:
    style = read_style(qml(), "a.qml")
    assert style.shading == "ramp"
    assert [(s.value, s.color, s.label) for s in style.stops] == [
        (0.0, (68, 1, 84, 255), "zero"),
        (10.0, (253, 231, 37, 128), ""),
    ]
    assert style.notes == []


def test_the_opacity_of_a_layer_is_that_of_each_colour() -> None:
    style = read_style(qml(opacity="0.5"), "a.qml")
    assert [stop.color[3] for stop in style.stops] == [128, 64]


def test_the_upper_end_of_an_interval_of_qgis_belongs_to_it() -> None:
    style = read_style(qml("DISCRETE", last="inf"), "a.qml")
    assert (style.shading, style.stops[1].value) == ("intervals", math.inf)
    assert style.stops[0].value == math.nextafter(0.0, math.inf)


@pytest.mark.parametrize(("kind", "last"), [("EXACT", "10")])
def test_single_values_of_qgis(kind: str, last: str) -> None:
    style = read_style(qml(kind, last=last), "a.qml")
    assert (style.shading, [s.value for s in style.stops]) == ("values", [0.0, 10.0])


def test_a_palette_of_qgis() -> None:
    palette = (
        '<rasterrenderer type="paletted" band="1" opacity="1"><colorPalette>'
        '<paletteEntry value="2" color="#0000ff" alpha="255" label="Water"/>'
        '<paletteEntry value="1" color="#ff0000" alpha="255" label="Forest"/></colorPalette></rasterrenderer>'
    )
    style = read_style(QGIS.format(palette).encode(), "a.qml")
    assert [(s.value, s.label) for s in style.stops] == [(1.0, "Forest"), (2.0, "Water")]


def test_a_stretch_of_grey() -> None:
    gray = (
        '<rasterrenderer type="singlebandgray" grayBand="1" gradient="WhiteToBlack"><contrastEnhancement>'
        "<minValue>-2</minValue><maxValue>30</maxValue><algorithm>StretchToMinimumMaximum</algorithm>"
        "</contrastEnhancement></rasterrenderer>"
    )
    style = read_style(QGIS.format(gray).encode(), "a.qml")
    assert [(s.value, s.color[0]) for s in style.stops] == [(-2.0, 255), (30.0, 0)]


@pytest.mark.parametrize("kind", ["ramp", "intervals", "values"])
def test_a_color_map_of_sld_10(kind: str) -> None:
    style = read_style(sld(f'<Opacity>0.5</Opacity><ColorMap type="{kind}">{ENTRIES}</ColorMap>'), "a.sld")
    assert (style.shading, style.title) == (kind, "Depth")
    assert [(s.value, s.color, s.label) for s in style.stops] == [
        (-10.0, (0, 0, 128, 64), "deep"),
        (0.0, (255, 255, 255, 128), ""),
    ]


def test_the_stretch_that_qgis_writes_counts_more_than_its_color_map() -> None:
    options = "".join(
        f'<VendorOption name="{name}">{value}</VendorOption>'
        for name, value in (("algorithm", "StretchToMinimumMaximum"), ("minValue", "3"), ("maxValue", "9"))
    )
    body = f"<ContrastEnhancement><Normalize>{options}</Normalize></ContrastEnhancement><ColorMap>{ENTRIES}</ColorMap>"
    assert [s.value for s in read_style(sld(body), "a.sld").stops] == [3.0, 9.0]


def test_interpolate_and_categorize_of_sld_11() -> None:
    points = "".join(
        f"<InterpolationPoint><Data>{value}</Data><Value>{color}</Value></InterpolationPoint>"
        for value, color in ((0, "#000000"), (5, "#80ff0000"))
    )
    ramp = read_style(sld(f"<ColorMap><Interpolate>{points}</Interpolate></ColorMap>"), "a.sld")
    assert [(s.value, s.color) for s in ramp.stops] == [(0.0, (0, 0, 0, 255)), (5.0, (255, 0, 0, 128))]
    steps = "<Value>#000000</Value><Threshold>1</Threshold><Value>#ffffff</Value>"
    found = read_style(sld(f"<ColorMap><Categorize>{steps}</Categorize></ColorMap>"), "a.sld")
    assert (found.shading, [s.value for s in found.stops]) == ("intervals", [1.0, math.inf])
    before = f'<ColorMap><Categorize thresholdsBelongTo="preceding">{steps}</Categorize></ColorMap>'
    assert read_style(sld(before), "a.sld").stops[0].value == math.nextafter(1.0, math.inf)


@pytest.mark.parametrize(
    ("document", "note"),
    [
        (qml(clip="1"), "clip='1'"),
        (qml().replace(b"</pipe>", b'<huesaturation saturation="50"/></pipe>'), "saturation='50'"),
        (qml().replace(b"</pipe>", b"</pipe><blendMode>6</blendMode>"), "blendMode 6"),
        (sld(f"<ColorMap>{ENTRIES}</ColorMap><ShadedRelief><ReliefFactor>5</ReliefFactor></ShadedRelief>"), "Shaded"),
        (
            sld(f"<ColorMap>{ENTRIES}</ColorMap>").replace(
                b"<Rule>", b"<Rule><MaxScaleDenominator>9</MaxScaleDenominator>"
            ),
            "MaxScaleDenominator",
        ),
    ],
)
def test_what_is_not_understood_is_named(document: bytes, note: str) -> None:
    assert any(note in text for text in read_style(document, "a").notes)


BOMB = b'<!DOCTYPE a [<!ENTITY b "cc"><!ENTITY d SYSTEM "file:///etc/passwd">]><qgis>&d;</qgis>'


@pytest.mark.parametrize(
    ("document", "words"),
    [
        (b"", "no XML"),
        (b"<html/>", "root element is 'html'"),
        (BOMB, "entities"),
        (b"<qgis>" + b" " * MAX_BYTES, "bytes are more than"),
        ("<qgis/>".encode("utf-16"), "UTF-8|entities"),
        (b"<qgis/>", "no rasterrenderer"),
        (QGIS.format('<rasterrenderer type="hillshade"/>').encode(), "hillshade"),
        (QGIS.format('<rasterrenderer type="multibandcolor"/>').encode(), "multibandcolor"),
        (qml(opacity="2"), "outside 0 to 1"),
        (qml(last="x"), "'x', which is no number"),
        (qml("EXACT", last="0.5"), "no whole number"),
        (qml("EXACT", last="0"), "two colours"),
        (qml("CUBIC"), "CUBIC"),
        (qml().replace(b"#440154", b"purple"), "purple"),
        (sld(""), "no ColorMap"),
        (sld("<ChannelSelection><RedChannel/></ChannelSelection>"), "several bands"),
        (sld('<ColorMap type="spiral"/>'), "spiral"),
        (sld("<ColorMap><Categorize><Value>#000000</Value></Categorize></ColorMap>"), None),
        (sld('<ColorMap><ColorMapEntry color="#000000" quantity="1"/></ColorMap>'), "1 colours"),
        (SLD.format("<NamedLayer/>").encode(), "no RasterSymbolizer"),
        (sld("<ColorMap>" + '<ColorMapEntry color="#000000" quantity="1"/>' * 300 + "</ColorMap>"), "300 colours"),
    ],
)
def test_what_cannot_be_used_is_refused_with_the_reason(document: bytes, words: str | None) -> None:
    if words is None:  # one colour for every value is an interval without ends
        assert read_style(document, "a.sld").stops[0].value == math.inf
        return
    with pytest.raises(SourceRefused, match=words):
        read_style(document, "a.sld")
