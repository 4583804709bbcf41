"""Why a job was stopped, and what its result says of that."""

from typing import Literal

from agent_api.progress import Progress
from services.contract.run_result import RunResult
from services.contract.run_spec import Limits

Stop = Literal["cancelled", "time_limit", "stall", "disk_limit", "shutdown"]


def stopped(why: Stop | None, limits: Limits, size: int, progress: Progress) -> RunResult | None:
    """None where the job is to be done again. `size` is what it wrote, in bytes."""
    match why:
        case "shutdown" | None:
            return None
        case "cancelled":
            return RunResult(outcome="cancelled", sentence="The job was cancelled.")
        case "time_limit":
            sentence = f"The job did not end within its limit of {limits.run_seconds:g} seconds."
            return RunResult(outcome="failed", reason="time_limit", sentence=sentence)
        case "disk_limit":
            sentence = f"The job wrote {size} bytes, above AGENT_JOB_BYTES, so it was stopped."
            return RunResult(outcome="failed", reason="output_limit", sentence=sentence)
        case "stall":
            sentence = f"Nothing moved for {limits.stall_seconds:g} seconds, so the job was stopped."
            if progress.last:
                sentence += f" The last it did, at {progress.since:%H:%M:%S} UTC: {progress.last}"
            return RunResult(outcome="failed", reason="stall", sentence=sentence)
