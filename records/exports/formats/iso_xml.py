"""Pieces of ISO 19139: texts in several languages, codes, dates, parties, online resources."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from records.exports.services import function_of, protocol_of
from records.exports.texts import iri
from records.exports.xml import XSI, Namespace, at, legal, sub
from records.harvest.values.languages import three_letters
from records.harvest.values.times import moment

if TYPE_CHECKING:
    from records.exports.models import Contact, Link, Texts

GMD: Final = Namespace("http://www.isotc211.org/2005/gmd")
GCO: Final = Namespace("http://www.isotc211.org/2005/gco")
GMX: Final = Namespace("http://www.isotc211.org/2005/gmx")
GML: Final = Namespace("http://www.opengis.net/gml/3.2")
XLINK: Final = Namespace("http://www.w3.org/1999/xlink")
_CODES: Final = "http://standards.iso.org/iso/19139/resources/gmxCodelists.xml#"
_LANGUAGES: Final = "http://www.loc.gov/standards/iso639-2/"


class Writer:
    """Writes texts of a document whose main language is known; the others refer to its locales."""

    def __init__(self, language: str) -> None:
        self.language = language

    def text(self, parent: Any, name: str, texts: Texts) -> Any:
        """A text in one or several languages (PT_FreeText); one without the main language has no plain form."""
        child = at(parent, GMD(name))
        self.fill(child, texts)
        return child

    def fill(self, child: Any, texts: Texts, href: str = "") -> None:
        """Put texts into an element; with an address, the main one as an anchor to it, empty without that text."""
        main = texts.get(self.language)
        if href:
            sub(child, GMX("Anchor"), main or "").set(XLINK("href"), iri(legal(href)))
        elif main is not None:
            sub(child, GCO("CharacterString"), main)
        others = {tag: text for tag, text in texts.items() if tag != self.language}
        if others:
            child.set(f"{{{XSI}}}type", "gmd:PT_FreeText_PropertyType")
            free = at(child, GMD("PT_FreeText"))
            for tag, text in others.items():
                sub(at(free, GMD("textGroup")), GMD("LocalisedCharacterString"), text, locale=f"#{locale_id(tag)}")


def locale_id(tag: str) -> str:
    """The id of a language's locale within the document."""
    return f"locale-{legal(tag)}"


def plain(parent: Any, name: str, value: str) -> Any:
    """A text that has no language."""
    child = at(parent, GMD(name))
    sub(child, GCO("CharacterString"), value)
    return child


def missing(parent: Any, name: str, reason: str = "unknown") -> Any:
    """A mandatory element of which nothing is known."""
    child = at(parent, GMD(name))
    child.set(GCO("nilReason"), reason)
    return child


def code(parent: Any, name: str, code_list: str, value: str) -> Any:
    """A value of a code list of ISO 19139."""
    child = at(parent, GMD(name))
    sub(child, GMD(code_list), value, codeList=_CODES + code_list, codeListValue=iri(value))
    return child


def language_code(parent: Any, name: str, tag: str) -> Any:
    """A language by its code of ISO 639-2; a variant by its tag."""
    value = three_letters(tag)
    child = at(parent, GMD(name))
    sub(child, GMD("LanguageCode"), value, codeList=_LANGUAGES, codeListValue=value)
    return child


def citation_date(parent: Any, text: str, kind: str) -> bool:
    """A date of a citation; whether the text is one."""
    date_text = moment(text)
    if date_text is None:
        return False
    date = at(parent, GMD("date"), GMD("CI_Date"))
    sub(at(date, GMD("date")), GCO("DateTime" if "T" in date_text else "Date"), date_text)
    code(date, "dateType", "CI_DateTypeCode", kind)
    return True


def party(parent: Any, name: str, contact: Contact, role: str, writer: Writer) -> None:
    """A responsible party in one role."""
    party_ = at(parent, GMD(name), GMD("CI_ResponsibleParty"))
    for member, texts in (
        ("individualName", contact.name),
        ("organisationName", contact.organization),
        ("positionName", contact.position),
    ):
        if texts:
            _party_text(party_, member, texts, writer)
    if contact.emails or contact.phones or contact.url:
        _reach(at(party_, GMD("contactInfo"), GMD("CI_Contact")), contact)
    code(party_, "role", "CI_RoleCode", role)


def _party_text(parent: Any, member: str, texts: Texts, writer: Writer) -> None:
    """A name; one that is given in another language alone is a name all the same, so it stands in place too."""
    if writer.language in texts:
        writer.text(parent, member, texts)
    else:
        plain(parent, member, next(iter(texts.values())))


def _reach(parent: Any, contact: Contact) -> None:
    if contact.phones:
        phone = at(parent, GMD("phone"), GMD("CI_Telephone"))
        for value in contact.phones:
            plain(phone, "voice", value)
    if contact.emails:
        address = at(parent, GMD("address"), GMD("CI_Address"))
        for value in contact.emails:
            plain(address, "electronicMailAddress", value)
    if contact.url:
        resource = at(parent, GMD("onlineResource"), GMD("CI_OnlineResource"))
        sub(at(resource, GMD("linkage")), GMD("URL"), iri(contact.url))


def online(parent: Any, link: Link) -> None:
    """A link as an online resource."""
    resource = at(parent, GMD("onLine"), GMD("CI_OnlineResource"))
    sub(at(resource, GMD("linkage")), GMD("URL"), iri(link.href))
    plain(resource, "protocol", protocol_of(link))
    if link.type:
        plain(resource, "applicationProfile", link.type)
    if link.title:
        plain(resource, "name", link.title)
    if function := function_of(link):
        code(resource, "function", "CI_OnLineFunctionCode", function)
