"""A tracker, signed in."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from services.credentials import credentials
from services.credentials.keyring import Keyring
from services.redaction import KNOWN
from services.store.database import Database
from services.trackers.asana.client import BASE, AsanaClient, AsanaLimits
from services.trackers.asana.tracker import Asana
from services.trackers.facts import OutsideUser
from services.trackers.links import available, credential_of
from services.trackers.made_up import MadeUp
from services.trackers.provider import Tracker


class SignIn:
    """Knows where the trackers are. `asana_url` is another one's in tests, or a gateway's of the owner's."""

    def __init__(self, db: Database, ring: Keyring, asana_url: str = BASE, limits: AsanaLimits | None = None) -> None:
        self._db, self._ring, self._asana_url, self._limits = db, ring, asana_url, limits

    @asynccontextmanager
    async def with_stored(self, credential_id: int) -> AsyncIterator[Tracker]:
        """Raises NotFound, TrackerUnavailable, CredentialUnreadable."""
        async with self._db.read() as session:
            provider = (await credential_of(session, credential_id)).provider
        async with credentials.use(self._db, self._ring, credential_id) as token:
            tracker = self._open(provider, token)
            try:
                yield tracker
            finally:
                await tracker.close()

    async def test(self, provider: str, token: str) -> OutsideUser:
        """Whose token it is. Raises TrackerSignIn where it is nobody's."""
        with KNOWN.knowing("tracker token", token):
            tracker = self._open(provider, token)
            try:
                return await tracker.whoami()
            finally:
                await tracker.close()

    def _open(self, provider: str, token: str) -> Tracker:
        name = available(provider).name
        return MadeUp(token) if name == "made_up" else Asana(AsanaClient(token, self._asana_url, self._limits))
