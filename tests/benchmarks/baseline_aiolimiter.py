"""Baseline: asyncio with aiolimiter, evenly spaced, as it is tuned best. One process knows it."""

import asyncio

import httpx
from aiolimiter import AsyncLimiter

from tests.benchmarks.baseline_call import Job, pause_s, request


async def run(job: Job) -> None:
    """Makes the calls."""
    pace, room = AsyncLimiter(1, 1 / job.rate), asyncio.Semaphore(job.concurrency)
    limits = httpx.Limits(max_connections=job.concurrency)
    async with httpx.AsyncClient(limits=limits) as client:

        async def call(number: int) -> None:
            async with room:
                while True:
                    async with pace:
                        pass
                    answer = await client.post(**request(job, number))
                    wait_s = pause_s(answer)
                    if wait_s is None:
                        return
                    await asyncio.sleep(wait_s)

        await asyncio.gather(*(call(number) for number in range(job.calls)))


if __name__ == "__main__":
    asyncio.run(run(Job.told()))
