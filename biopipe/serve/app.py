"""The addresses of a server: annotate, pipelines, health, OpenAPI, and the page."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request, Response
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from biopipe import __version__
from biopipe.document import Document
from biopipe.serve.answers import answer
from biopipe.serve.batching import Outcome
from biopipe.serve.body import read_body
from biopipe.serve.guard import RequestGuard
from biopipe.serve.limits import ServerLimits
from biopipe.serve.page_files import page_files
from biopipe.serve.refusal import Refusal, refusal_response
from biopipe.serve.requests import ANSWER_FORMATS, parse_request
from biopipe.serve.schema import annotation_responses, request_body
from biopipe.serve.served import ServedPipeline

__all__ = ["make_app"]

_DESCRIPTION = "Biomedical text to entities, linked concepts, assertions and relations."


def make_app(
    pipelines: Sequence[ServedPipeline], *, limits: ServerLimits, hosts: Sequence[str] = ()
) -> FastAPI:
    """The ASGI application; the first pipeline is the one that requests get which name none.

    `hosts` are the names it answers to, any where there are none. When it shuts down, what waits is
    finished first.
    """
    desk = _Desk(pipelines, limits)

    @asynccontextmanager
    async def lifespan(_app: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(desk.close)

    # The pages that FastAPI makes of its own load scripts from another host.
    app = FastAPI(
        title="biopipe",
        version=__version__,
        description=_DESCRIPTION,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    _add_routes(app, desk)
    files = page_files(desk.pipelines.values())
    for path, file in files.items():
        app.add_api_route(path, file.response, include_in_schema=False, response_class=Response)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(HTTPException, _no_such_address)
    paths = {"/annotate", "/pipelines", "/health", "/openapi.json", *files}
    app.add_middleware(RequestGuard, hosts=hosts, paths=paths)
    return app


class _Desk:
    """Takes requests, at most so many at a time, to their pipelines."""

    def __init__(self, pipelines: Sequence[ServedPipeline], limits: ServerLimits) -> None:
        self.pipelines = {pipeline.name: pipeline for pipeline in pipelines}
        self.limits = limits
        self.under_way = 0

    def close(self) -> None:
        for pipeline in self.pipelines.values():
            pipeline.batcher.close()

    async def annotate(self, request: Request) -> Response:
        # Refused at once and not queued: a client that is told can go elsewhere, a queue only
        # grows.
        if self.under_way >= self.limits.requests:
            raise Refusal(
                429, f"{self.under_way} requests are under way, as many as this server takes."
            )
        self.under_way += 1
        try:
            return await self._annotate(request)
        finally:
            self.under_way -= 1

    async def _annotate(self, request: Request) -> Response:
        body = await read_body(request, self.limits)
        # Megabytes of JSON take a while; the event loop has to answer /health meanwhile.
        asked = await run_in_threadpool(
            parse_request, body, pipelines=list(self.pipelines), limits=self.limits
        )
        documents = [text for text in asked.texts if isinstance(text, Document)]
        annotated = iter(await self._outcomes(asked.pipeline, documents, request))
        outcomes = [next(annotated) if isinstance(text, Document) else text for text in asked.texts]
        return await run_in_threadpool(
            answer, outcomes, pipeline=asked.pipeline, format=asked.format
        )

    async def _outcomes(
        self, pipeline: str, documents: Sequence[Document], request: Request
    ) -> list[Outcome]:
        """What the pipeline makes of the documents; given up when time is over or nobody waits."""
        # The texts wait in a queue of threads, this coroutine in the event loop.
        result = asyncio.wrap_future(self.pipelines[pipeline].batcher.submit(documents))
        # Who has hung up should cost no pass over the model.
        gone = asyncio.ensure_future(_disconnection(request))
        either: set[asyncio.Future[Any]] = {result, gone}
        try:
            await asyncio.wait(
                either, timeout=self.limits.seconds, return_when=asyncio.FIRST_COMPLETED
            )
            if result.done():
                return result.result()
            if gone.done():
                raise Refusal(400, "The connection ended before the answer.")
            raise Refusal(
                504,
                f"The texts were not annotated within {self.limits.seconds:g} seconds; send fewer.",
            )
        finally:
            result.cancel()
            gone.cancel()


async def _disconnection(request: Request) -> None:
    """Waits until the client has gone; the body has been read."""
    while (await request.receive())["type"] != "http.disconnect":
        continue


def _add_routes(app: FastAPI, desk: _Desk) -> None:
    extra = {"requestBody": request_body(list(desk.pipelines))}

    @app.post(
        "/annotate",
        summary="Annotate one text or many",
        responses=annotation_responses(),
        openapi_extra=extra,
        response_class=Response,
    )
    async def annotate(request: Request) -> Response:
        return await desk.annotate(request)

    @app.get("/pipelines", summary="The pipelines and limits of this server")
    async def pipelines() -> dict[str, Any]:
        return {
            "pipelines": [
                {
                    "name": pipeline.name,
                    "mention_labels": pipeline.mention_labels,
                    "components": pipeline.components,
                }
                for pipeline in desk.pipelines.values()
            ],
            "formats": ANSWER_FORMATS,
            "limits": {
                "body_bytes": desk.limits.body_bytes,
                "texts": desk.limits.texts,
                "text_characters": desk.limits.text_characters,
                "seconds": desk.limits.seconds,
                "requests": desk.limits.requests,
            },
        }

    @app.get("/health", summary="Whether the server takes requests")
    async def health() -> dict[str, Any]:
        return {"status": "ok", "version": __version__, "requests_under_way": desk.under_way}


async def _refused(_request: Request, error: Exception) -> Response:
    if not isinstance(error, Refusal):
        raise error
    return refusal_response(error)


async def _no_such_address(_request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException):
        raise error
    sentence = {
        404: "There is nothing at this address; /openapi.json lists those there are.",
        405: "This address does not take the method; /openapi.json lists those it takes.",
    }.get(error.status_code, "The request cannot be answered.")
    response = refusal_response(Refusal(error.status_code, sentence))
    response.headers.update(error.headers or {})
    return response
