"""The time-stamping authority: RFC 3161 over HTTP. Its word proves that a file was sealed before a moment."""

from datetime import datetime
from typing import Any

import httpx

from bancheng.lib.refusal import Unavailable

TIMEOUT = 10.0
TYPE_ASKED, TYPE_ANSWERED = "application/timestamp-query", "application/timestamp-reply"


def stamper(url: str) -> Any:
    """Return what the sealing library asks for stamps; its `at` is the moment of the last one."""
    from asn1crypto import tsp
    from pyhanko.sign.timestamps import TimeStamper

    class Stamper(TimeStamper):
        at: datetime | None = None

        async def async_request_tsa_response(self, req: Any) -> Any:
            try:
                async with httpx.AsyncClient(timeout=TIMEOUT) as client:
                    answer = await client.post(url, content=req.dump(), headers={"content-type": TYPE_ASKED})
                answer.raise_for_status()
            except httpx.HTTPError as error:
                raise Unavailable(f"time-stamping authority: {type(error).__name__}") from error
            return tsp.TimeStampResp.load(answer.content)

        async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> Any:
            token = await super().async_timestamp(message_digest, md_algorithm)
            self.at = token["content"]["encap_content_info"]["content"].parsed["gen_time"].native
            return token

    return Stamper()  # type: ignore[no-untyped-call]  # the library tells no types here
