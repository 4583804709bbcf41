"""Who an agent is: its role, and the principles it keeps. The same words in every prompt of a role."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from services.roles.principles import core_principles
from services.roles.read import active_role
from services.store.models import Project, Role


@dataclass(frozen=True)
class Who:
    """A role as it is now, with the principles of all roles at `principles_version`, and those of the project."""

    role: Role
    principles: str
    principles_version: int
    of_project: str

    @property
    def text(self) -> str:
        return "\n\n".join(
            part
            for part in (
                self.role.prompt.strip(),
                _titled("Principles", self.principles),
                _titled("Principles of your role", self.role.principles),
                _titled("Principles of this project", self.of_project),
            )
            if part
        )

    @property
    def versions(self) -> dict[str, Any]:
        """For the run's record."""
        return {
            "role": self.role.name,
            "role_version": self.role.version,
            "principles_version": self.principles_version,
        }


async def who_is(session: AsyncSession, name: str, project: Project) -> Who:
    """Raises NotFound where there is no such role."""
    version, text = await core_principles(session)
    of_project = project.settings.get("principles")
    return Who(await active_role(session, name), text, version, of_project if isinstance(of_project, str) else "")


def _titled(title: str, text: str) -> str:
    return f"{title}:\n{text.strip()}" if text.strip() else ""
