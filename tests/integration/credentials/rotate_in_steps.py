"""A rotation in a process of its own, which says where it is and waits there: `ROOT POINT`, for the test to kill it."""

import sys
import time
from pathlib import Path

from services.credentials.keyring import Keyring
from services.stack import key_rotation
from services.stack.settings import StackSettings

ROOT, POINT = Path(sys.argv[1]), sys.argv[2]


def at(point: str) -> None:
    if point == POINT:
        print(point, flush=True)
        time.sleep(60)


class Halfway(Keyring):
    """Has encrypted one secret of several, in a transaction that is still open."""

    count = 0

    def encrypt(self, value: str) -> str:
        Halfway.count += 1
        if Halfway.count == 3:
            at("in the transaction")
        return super().encrypt(value)


key_rotation.Keyring = Halfway  # type: ignore[misc]
settings = StackSettings.load(ROOT, {})
continued = key_rotation.begin(settings, lambda name: False, lambda sentence: None)
at("key written")
done, lost = key_rotation.encrypt_anew(settings)
at("encrypted")
key_rotation.end(settings, lambda sentence: None)
print(f"ended {continued} {done} {lost}", flush=True)
