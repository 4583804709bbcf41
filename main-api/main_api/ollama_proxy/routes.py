"""`/ollama/*`: everything that Ollama has, for whoever has the owner's token (the door checks it)."""

from typing import Annotated
from urllib.parse import unquote

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response
from yarl import URL

from main_api.gateway.gateway import Gateway
from main_api.gateway.refusals import body_of, status_of
from main_api.gateway.routes import get_gateway
from main_api.ollama_proxy.network import check_network
from main_api.ollama_proxy.passing import Asking, Passing
from main_api.ollama_proxy.tokens import below
from services.domain.errors import HubError, NotFound

router = APIRouter(include_in_schema=False)  # Ollama documents its own protocol
PASSED_ON = ("content-type", "anthropic-version", "anthropic-beta")  # and nothing else of what a tool sends
METHODS = ["GET", "HEAD", "POST", "DELETE"]


@router.api_route("/ollama/{path:path}", methods=METHODS)
async def pass_on(path: str, request: Request, gateway: Annotated[Gateway, Depends(get_gateway)]) -> Response:
    provider = gateway.providers["ollama"]
    wanted = below(request.scope["raw_path"].decode("ascii"))
    body = await request.body()
    try:
        if ".." in unquote(wanted).split("/"):
            raise NotFound("Ollama has no such path.", "It answers below /ollama/api and /ollama/v1.")
        check_network(provider, unquote(wanted), body)
    except HubError as refusal:
        return Response(body_of("ollama", refusal), status_of(refusal), media_type=JSONResponse.media_type)
    query = f"?{request.url.query}" if request.url.query else ""
    url = URL(f"{provider.ollama_url}/{wanted}{query}", encoded=True)
    told = {name: request.headers[name] for name in PASSED_ON if name in request.headers}
    return Passing(gateway, provider, Asking(request.method, unquote(wanted), url, body, told))
