"""The roles of parties (ISO 19115, CI_RoleCode, and DataCite's) as people read them."""

from __future__ import annotations

from typing import Final

from config.messages import Messages

ROLES: Final = Messages(
    {
        "author": {"en": "author", "zh": "作者"},
        "coAuthor": {"en": "co-author", "zh": "合作作者"},
        "collaborator": {"en": "collaborator", "zh": "合作者"},
        "contributor": {"en": "contributor", "zh": "贡献者"},
        "creator": {"en": "creator", "zh": "创建者"},
        "custodian": {"en": "custodian", "zh": "管理者"},
        "distributor": {"en": "distributor", "zh": "分发者"},
        "editor": {"en": "editor", "zh": "编者"},
        "funder": {"en": "funder", "zh": "资助者"},
        "licensor": {"en": "licensor", "zh": "许可方"},
        "host": {"en": "host", "zh": "托管方"},
        "metadataAuthor": {"en": "author of the metadata", "zh": "元数据作者"},
        "originator": {"en": "originator", "zh": "原创者"},
        "owner": {"en": "owner", "zh": "所有者"},
        "pointOfContact": {"en": "contact", "zh": "联系人"},
        "principalInvestigator": {"en": "principal investigator", "zh": "项目负责人"},
        "processor": {"en": "processor", "zh": "处理者"},
        "producer": {"en": "producer", "zh": "生产者"},
        "publisher": {"en": "publisher", "zh": "发布者"},
        "resourceProvider": {"en": "provider", "zh": "提供者"},
        "rightsHolder": {"en": "rights holder", "zh": "权利人"},
        "sponsor": {"en": "sponsor", "zh": "赞助者"},
        "stakeholder": {"en": "stakeholder", "zh": "相关方"},
        "user": {"en": "user", "zh": "使用者"},
    }
)


def role_words(roles: str, language: str) -> str:
    """Roles between commas in a language; one that no standard knows stays as it is."""
    return ", ".join(
        ROLES.text(role, language) if role in ROLES.texts else role for role in roles.split(", ") if role
    )  # fmt: skip
