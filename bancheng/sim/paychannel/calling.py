"""The calls a channel owes its merchant: sent again on the channel's own schedule until they are confirmed, with the panel's faults."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass

import httpx

from bancheng.sim.paychannel.books import ALIPAY_RETRIES, WECHAT_RETRIES, Books

log = logging.getLogger("bancheng.sim")


@dataclass(frozen=True)
class Call:
    """What is to be posted where; `made` signs it anew for each try."""

    channel: str
    url: str
    made: Callable[[], tuple[bytes, dict[str, str]]]


class Calls:
    """Sends calls in tasks of the running loop."""

    def __init__(self, books: Callable[[], Books]) -> None:
        self.books = books
        self.running: set[asyncio.Task[None]] = set()

    def send(self, call: Call) -> None:
        """Send a call from now on, unless calls are lost."""
        faults = self.books().faults
        if faults.lose_calls:
            return
        for _ in range(1 + faults.repeat_calls):
            task = asyncio.get_running_loop().create_task(self._until_confirmed(call))
            self.running.add(task)
            task.add_done_callback(self.running.discard)

    async def _until_confirmed(self, call: Call) -> None:
        await asyncio.sleep(self.books().faults.delay_calls_s)
        retries = WECHAT_RETRIES if call.channel == "wechat" else ALIPAY_RETRIES
        async with httpx.AsyncClient(timeout=5, trust_env=False) as client:
            for wait in (*retries, 0):
                if await self._confirmed(client, call):
                    return
                await asyncio.sleep(wait / self.books().faults.pace)

    async def _confirmed(self, client: httpx.AsyncClient, call: Call) -> bool:
        body, headers = call.made()
        try:
            answer = await client.post(call.url, content=body, headers=headers)
        except httpx.HTTPError as error:
            log.info("a call to %s was not heard: %s", call.url, type(error).__name__)
            return False
        if call.channel == "wechat":
            return answer.status_code in (200, 204)
        return answer.content == b"success"
