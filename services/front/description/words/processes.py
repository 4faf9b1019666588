"""The API description in Chinese: the texts of OGC API Processes."""

from __future__ import annotations

from typing import Final

PROCESSES: Final = {
    "List the processes.": "列出各个处理。",
    "The most processes to list.": "所列处理的最大个数。",
    "Number of entries to skip.": "跳过的条目数。",
    "The processes.": "各个处理。",
    "A parameter or the request is malformed.": "某个参数或请求的格式有误。",
    "Describe a process; its page has a form, filled in with the inputs that its query names, or with an example.": (
        "描述一个处理；其网页有表单，按查询中给出的输入或示例填写。"
    ),
    "The process.": "该处理。",
    "There is no such process or job.": "没有此处理或作业。",
    "Execute a process, at once or, with `Prefer: respond-async`, as a job.": (
        "执行一个处理：立即执行，或带 `Prefer: respond-async` 作为作业执行。"
    ),
    "`respond-async` makes a job of the execution (RFC 7240).": "`respond-async` 使执行成为作业（RFC 7240）。",
    "The result of a synchronous execution.": "同步执行的结果。",
    "The outputs by reference, as `Link` headers.": "以 `Link` 头引用的输出。",
    "The job of an asynchronous execution.": "异步执行的作业。",
    "The collection is catalogued, but its data is not served.": "该数据集已编目，但不提供数据。",
    "The request or the result is too large.": "请求或结果过大。",
    "Too much work is waiting.": "等待中的任务过多。",
    "A synchronous execution took too long.": "同步执行耗时过长。",
    "Inputs, and the outputs to answer with their forms.": "输入，以及要应答的输出及其形式。",
    "Values by input id.": "按输入标识符给出的值。",
    "The outputs to answer; absent: all.": "要应答的输出；缺省时为全部。",
    "The form, of an output that has several.": "有多种形式的输出所用的形式。",
    "Addresses that are called with the result, or with the status of the job.": "结果或作业状态所要发往的网址。",
    "List the jobs of the bearer of a token, the newest first; those of everybody where the settings allow it.": (
        "列出令牌持有者的作业，最新的在前；设置允许时列出所有人的作业。"
    ),
    "Kind of job.": "作业的种类。",
    "Jobs of these processes.": "这些处理的作业。",
    "Jobs in these states.": "处于这些状态的作业。",
    "Jobs created at this time or in this interval.": "在此时间或时段内建立的作业。",
    "Jobs that ran at least this number of seconds.": "至少运行了这么多秒的作业。",
    "Jobs that ran at most this number of seconds.": "至多运行了这么多秒的作业。",
    "The most jobs to list.": "所列作业的最大个数。",
    "The jobs, the newest first.": "各个作业，最新的在前。",
    "Show the status of a job; its page shows inputs and result too.": "给出作业的状态；其网页还显示输入和结果。",
    "The status of the job.": "作业的状态。",
    "Dismiss a job that waits or runs; remove one that has ended (OGC 18-062r2, 13).": (
        "撤销等待或运行中的作业；移除已结束的作业（OGC 18-062r2，13）。"
    ),
    "The job was dismissed.": "作业已撤销。",
    "Show the result of a job, or why it failed.": "给出作业的结果，或其失败的原因。",
    "The result.": "结果。",
    "There is no such job, or it has no result yet.": "没有此作业，或尚无结果。",
    "Why the job failed.": "作业失败的原因。",
    "A file of a job's results": "作业结果中的一个文件",
    "A file that a job has written, as the links in its results name it.": "作业写出的文件，名称见其结果中的链接。",
    "There is no such job or file, or the job has no result yet.": "没有此作业或文件，或作业尚无结果。",
    "A map of a job's results as a small picture": "作业结果中地图的小图",
    "A map that a job has written, at most 512 pixels large, from its 2nd to its 98th percentile of values.": (
        "作业写出的地图，至多 512 像素，按其值的第 2 至第 98 百分位着色。"
    ),
    "The picture.": "图片。",
    "There is no such job or map, or the job has no result yet.": "没有此作业或地图，或作业尚无结果。",
    "Part of the job that wrote the file.": "写出该文件的作业部分。",
    "URL of the job.": "作业的网址。",
}
