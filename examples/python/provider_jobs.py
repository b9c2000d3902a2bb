"""What a Python program must know of provider-jobs: ids and queues. The rest is in docs/contract.md and schemas/."""

import os
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
