"""Secrets that the hub keeps for its owner: added, listed without their values, deleted. None is ever shown."""

from fastapi import APIRouter

from main_api.deps import OWNER, Hub, ReadSession, WriteSession
from main_api.errors import documented
from main_api.schemas.deploy import CredentialIn, CredentialOut
from main_api.schemas.shape import Id
from services.credentials import credentials

router = APIRouter(prefix="/credentials", tags=["credentials"])


@router.get("", summary="The stored credentials, by their names", responses=documented())
async def list_credentials(session: ReadSession) -> list[CredentialOut]:
    return [CredentialOut.model_validate(one) for one in await credentials.list_credentials(session)]


@router.post("", status_code=201, summary="Store a credential", responses=documented(400, 409))
async def add_credential(hub: Hub, session: WriteSession, body: CredentialIn) -> CredentialOut:
    """It is granted to a project's deploys by its name, `provider/label`: settings.deploy.secrets."""
    value = body.value.get_secret_value()
    number = await credentials.add(session, hub.gateway.ring, body.provider, body.label, value, OWNER)
    rows = await credentials.list_credentials(session, body.provider.strip())
    return CredentialOut.model_validate(next(one for one in rows if one.id == number))


@router.delete("/{credential_id}", status_code=204, summary="Delete a credential", responses=documented(404, 409))
async def delete_credential(session: WriteSession, credential_id: Id) -> None:
    """A deploy that is granted it fails until it is there again. One that signs the inbox's webhook stays."""
    await credentials.delete(session, credential_id, OWNER)
