"""What Swagger UI says in English, in other languages."""

from __future__ import annotations

from typing import Final

VIEWER_WORDS: Final = {
    "zh": {
        "Authorize": "授权",
        "Available authorizations": "可用的授权",
        "Cancel": "取消",
        "Clear": "清除",
        "Close": "关闭",
        "Code": "状态码",
        "Copied!": "已复制",
        "Default value": "默认值",
        "Description": "说明",
        "Details": "详情",
        "Download": "下载",
        "Example Value": "示例",
        "Execute": "发送请求",
        "Links": "链接",
        "Logout": "退出",
        "Media type": "媒体类型",
        "Name": "名称",
        "No links": "无链接",
        "No parameters": "无参数",
        "No response headers": "无响应头",
        "Parameters": "参数",
        "Request URL": "请求网址",
        "Request body": "请求体",
        "Request duration": "请求用时",
        "Reset": "重置",
        "Response body": "响应体",
        "Response headers": "响应头",
        "Responses": "响应",
        "Schema": "结构",
        "Send empty value": "发送空值",
        "Server response": "服务器响应",
        "Servers": "服务器",
        "Snippets": "代码",
        "Try it out": "试用",
        "Value:": "值：",
    },
}
"""By language and English text."""
