"""A gateway in a process of its own: `python -m tests.integration.gateway.priced_gateway DATABASE PROVIDER`."""

import asyncio
import sys

from main_api.gateway import Gateway
from services.store.database import Database
from tests.integration.gateway.conftest import SECRET, providers_at, serving


async def main(database_url: str, provider_url: str) -> None:
    database = Database(database_url)
    async with serving(Gateway(database, providers_at(provider_url), SECRET, silence_seconds=30)) as port:
        print(f"port {port}", flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
