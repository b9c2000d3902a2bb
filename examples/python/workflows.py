"""A parent workflow in Python whose children are jobs of provider-jobs."""

import asyncio
from datetime import timedelta
from typing import Any

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from provider_jobs import TASK_QUEUE, job_id


@workflow.defn(name="transcribe")
class Transcribe:
    """Runs a Tiro job as a child, hears of its end, and waits for its result."""

    def __init__(self) -> None:
        self._notices: list[dict[str, Any]] = []

    @workflow.signal(name="jobFinished")
    def job_finished(self, notice: dict[str, Any]) -> None:
        self._notices.append(notice)

    @workflow.run
    async def run(self, source: str) -> dict[str, Any]:
        job = await workflow.start_child_workflow(
            "tiroTranscription",
            {"source": source, "deadline": "30m"},
            id=job_id("tiro", f"{workflow.info().workflow_id}.tiro"),
            task_queue=TASK_QUEUE,
            parent_close_policy=workflow.ParentClosePolicy.REQUEST_CANCEL,
            execution_timeout=timedelta(hours=24, minutes=45),
        )
        try:
            await workflow.wait_condition(lambda: len(self._notices) > 0, timeout=timedelta(minutes=31))
        except asyncio.TimeoutError:
            pass  # A job that was terminated sends none: its result says so.
        outcome = await job
        return {
            "outcome": outcome,
            "heard": [{"jobId": notice["jobId"], "phase": notice["phase"]} for notice in self._notices],
        }
