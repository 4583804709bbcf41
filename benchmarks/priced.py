"""main-api whose provider `openai` is on this machine and yet costs money, so that budgets have something to count."""

import os
import sys
from typing import Any

from main_api import app, hub
from services.models.providers import OPENAI_URL, Provider, build_providers


def _priced(**asked: Any) -> dict[str, Provider]:
    paid = Provider("openai", os.environ["OPENAI_BASE_URL"], key="not-a-key", price_url=OPENAI_URL)
    return {**build_providers(**asked), paid.name: paid}


if __name__ == "__main__":
    hub.build_providers = _priced
    sys.exit(app.main())
