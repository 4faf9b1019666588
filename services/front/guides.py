"""`/help`: guides for people, by what they want to do."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Response

from config.errors import NotFound
from config.vocabulary import HTML
from services.portal.pages.guides import GUIDES, guide
from services.web.context import ContextDep
from services.web.documents.answers import AnswerDep
from services.web.documents.titles import TITLES
from services.web.links import link, representations
from services.web.parameters import KNOWN

router = APIRouter(tags=["Capabilities"], dependencies=[KNOWN])


@router.get("/help", operation_id="getGuides", summary="The guides")
def guides(context: ContextDep, answer: AnswerDep) -> Response:
    """Title, summary and address of each guide."""
    base = context.settings.base_url
    entries: list[dict[str, Any]] = []
    for name in GUIDES:
        found = guide(name, answer.language, base)
        entries.append(
            {
                "id": name,
                "title": found.title,
                "description": found.summary,
                "links": [link("item", f"{base}/help/{name}", HTML, title=found.title)],
            }
        )
    links = representations(f"{base}/help", title=TITLES.phrase("guides"))
    return answer({"guides": entries, "links": links}, "guides")


@router.get("/help/{guide}", operation_id="getGuide", summary="One guide")
def one_guide(
    context: ContextDep,
    answer: AnswerDep,
    name: Annotated[str, Path(alias="guide", max_length=63, description="Name of a guide.")],
) -> Response:
    """A guide; as JSON, its text is Markdown."""
    if name not in GUIDES:
        raise NotFound(f"there is no guide {name!r}; there are {', '.join(GUIDES)}")
    base = context.settings.base_url
    found = guide(name, answer.language, base)
    links = [
        *representations(f"{base}/help/{name}", title=found.title),
        link("up", f"{base}/help", title=TITLES.phrase("guides")),
    ]
    document = {"id": name, "title": found.title, "description": found.summary, "text": found.text, "links": links}
    return answer(document, "guide")
