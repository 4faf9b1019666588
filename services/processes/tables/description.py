"""How processes describe the publication of their table: the input that asks for it, the output that tells of it."""

from __future__ import annotations

from typing import Final

from services.processes.describing import PUBLISH, DescribedInput, DescribedOutput

TABLE_PUBLICATION: Final = DescribedInput(
    title=("Publish", "发布"),
    text=(
        (
            "Publish the table as a record of this id, with files in CSV and GeoParquet and its lineage; needs a token "
            "with the scope datasets:publish."
        ),
        "以此标识把结果表发布为记录，附 CSV、GeoParquet 文件与来历；需带 datasets:publish 权限的令牌。",
    ),
    schema=PUBLISH,
)
PUBLISHED: Final = DescribedOutput(
    title=("Publication", "发布结果"),
    text=(
        "With publish: the addresses of the record and of its files; where it is asked for by name.",
        "有 publish 时：记录及其文件的地址；按名请求时给出。",
    ),
    schema={"type": "object", "properties": {"record": {"type": "string"}, "files": {"type": "array"}}},
    on_request=True,
)
