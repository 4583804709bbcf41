"""What a task's branch changes, as an approval binds to it."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Change:
    """`patch_id` is git's stable one: the same after a rebase that changes nothing. `stat`: files, added, removed."""

    base_sha: str
    head_sha: str
    patch_id: str
    stat: dict[str, int] = field(default_factory=dict)
