"""A request that is refused: its status and one sentence that says why."""

import json

from starlette.responses import Response

__all__ = ["Refusal", "refusal_response"]

# When a client may try again; a pass over a batch takes about as long.
_RETRY_SECONDS = 1


class Refusal(Exception):
    """Why a request gets no annotations: an HTTP status (RFC 9110) and one sentence.

    The sentence is for the sender alone: it may quote a field of the body and is never logged.
    """

    def __init__(self, status: int, sentence: str) -> None:
        super().__init__(sentence)
        self.status = status
        self.sentence = sentence


def refusal_response(refusal: Refusal) -> Response:
    """The refusal as `{"error": SENTENCE}`."""
    headers = {"retry-after": str(_RETRY_SECONDS)} if refusal.status in (429, 503) else {}
    # The rest of a body that was not read cannot be told from the next request.
    if refusal.status in (408, 413):
        headers["connection"] = "close"
    return Response(
        json.dumps({"error": refusal.sentence}) + "\n",
        status_code=refusal.status,
        headers=headers,
        media_type="application/json",
    )
