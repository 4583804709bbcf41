"""What was deployed, told to the steps behind it: address and the rest as variables, and the hosts they may ask."""

from typing import Any

from services.deploys.settings import EVERYWHERE, deploy_of
from services.store.models import Project, Run
from services.workflows.records import recorded


def against_deployed(project: Project, run: Run, spec: dict[str, Any]) -> dict[str, Any]:
    """A command's spec with `WFHUB_DEPLOY_<NAME>` for each thing that the run's deploy told, `WFHUB_DEPLOY_COMMIT` and
    `WFHUB_DEPLOY_ID`; as it was where the run deployed nothing."""
    entry = next((one for one in recorded(run).values() if one["executor"] == "deploy" and "deploy_id" in one), None)
    if entry is None:
        return spec
    told = {"commit": entry["commit"], "id": str(entry["deploy_id"]), **entry.get("facts", {})}
    env = {f"WFHUB_DEPLOY_{name.upper()}": value for name, value in told.items()}
    hosts = deploy_of(project.settings).test_network
    settings = {**spec["settings"], "env": {**spec["settings"]["env"], **env}, "hosts": list(hosts)}
    cage = {**spec["cage"], "network": spec["cage"]["network"] or EVERYWHERE in hosts}
    return {**spec, "settings": settings, "cage": cage}
