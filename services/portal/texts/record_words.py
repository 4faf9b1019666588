"""The words of the pages of records in every language."""

from __future__ import annotations

from typing import Final

RECORD_WORDS: Final = {
    "duration_Y": {"en": "{count} year", "zh": "{count} 年"},
    "duration_Ys": {"en": "{count} years", "zh": "{count} 年"},
    "duration_M": {"en": "{count} month", "zh": "{count} 个月"},
    "duration_Ms": {"en": "{count} months", "zh": "{count} 个月"},
    "duration_W": {"en": "{count} week", "zh": "{count} 周"},
    "duration_Ws": {"en": "{count} weeks", "zh": "{count} 周"},
    "duration_D": {"en": "{count} day", "zh": "{count} 天"},
    "duration_Ds": {"en": "{count} days", "zh": "{count} 天"},
    "duration_TH": {"en": "{count} hour", "zh": "{count} 小时"},
    "duration_THs": {"en": "{count} hours", "zh": "{count} 小时"},
    "duration_TM": {"en": "{count} minute", "zh": "{count} 分钟"},
    "duration_TMs": {"en": "{count} minutes", "zh": "{count} 分钟"},
    "duration_TS": {"en": "{count} second", "zh": "{count} 秒"},
    "duration_TSs": {"en": "{count} seconds", "zh": "{count} 秒"},
    "catalogue_created": {"en": "Entered in this catalogue", "zh": "收入本目录"},
    "catalogue_updated": {"en": "Changed in this catalogue", "zh": "本目录中更改"},
    "elsewhere_open": {"en": "Open, at its data centre", "zh": "在数据中心开放获取"},
    "elsewhere_login": {"en": "At its data centre, after signing in there", "zh": "在数据中心登录后获取"},
    "elsewhere_apply": {"en": "At its data centre, on application", "zh": "向数据中心申请获取"},
    "get_it_at": {"en": "Get it at: {name}", "zh": "获取数据：{name}"},
    "open_record": {"en": "Open the record: its data is not served here", "zh": "打开元数据记录（数据不在此处提供）"},
}
