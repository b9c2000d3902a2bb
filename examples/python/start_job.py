"""Starts a Tiro job, or joins the one that has the key, and prints its outcome: start_job.py <source uri> <key>"""

import json
import sys
from datetime import timedelta

from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from provider_jobs import TASK_QUEUE, connect, job_id, run


async def main(source: str, key: str) -> None:
    client = await connect()
    workflow_id = job_id("tiro", key)
    try:
        job = await client.start_workflow(
            "tiroTranscription",
            {"source": source, "deadline": "30m", "translationLocales": ["ko_KR"]},
            id=workflow_id,
            task_queue=TASK_QUEUE,
            # A job that runs is joined, one that failed gives way, one that succeeded is taken as it is.
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
            execution_timeout=timedelta(hours=24, minutes=45),
        )
    except WorkflowAlreadyStartedError:
        job = client.get_workflow_handle(workflow_id)
    print(json.dumps(await job.result(), indent=2))


if __name__ == "__main__":
    run(main(*sys.argv[1:3]))
