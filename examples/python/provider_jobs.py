"""What a Python program must know of provider-jobs: ids and queues. The rest is in docs/contract.md and schemas/."""

import asyncio
import os
import sys
from collections.abc import Coroutine
from urllib.parse import quote

from temporalio.client import Client
from temporalio.envconfig import ClientConfig

TASK_QUEUE = os.environ.get("PROVIDER_JOBS_TASK_QUEUE", "provider-jobs")


def job_id(provider: str, key: str) -> str:
    """The workflow id of a provider's job under a key; for keys that have up to 200 characters once encoded."""
    encoded = quote(key, safe="!*'()").replace("~", "%7E")
    return f"provider-job/{provider}/{encoded}"


async def connect() -> Client:
    """Connects as every Temporal tool does: TEMPORAL_ADDRESS, TEMPORAL_NAMESPACE, TEMPORAL_API_KEY, profiles."""
    config = ClientConfig.load_client_connect_config()
    config.setdefault("target_host", "127.0.0.1:7233")
    return await Client.connect(**config)


def run(main: Coroutine[None, None, None]) -> None:
    """Runs a short program to its end, and leaves without a wait for the SDK's threads, which may meet Python's own
    end and abort it (temporalio/sdk-python#300)."""
    asyncio.run(main)
    sys.stdout.flush()
    os._exit(0)
