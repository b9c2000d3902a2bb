"""Runs the parent workflow, and a worker for it, and prints what it came to: parent.py <source uri> <workflow id>"""

import json
import sys

from temporalio.worker import Worker

from provider_jobs import connect, run
from workflows import Transcribe


async def main(source: str, workflow_id: str) -> None:
    client = await connect()
    # Of its own: the jobs run on the queues of provider-jobs.
    task_queue = "python-parent"
    async with Worker(client, task_queue=task_queue, workflows=[Transcribe]):
        result = await client.execute_workflow("transcribe", source, id=workflow_id, task_queue=task_queue)
    print(json.dumps(result, indent=2))


if __name__ == "__main__":
    run(main(*sys.argv[1:3]))
