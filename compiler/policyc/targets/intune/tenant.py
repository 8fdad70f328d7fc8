"""What deploy-intune.ps1 reads of the project: `tenant.json`. It is data only; everything else it finds by the manifest."""

from __future__ import annotations

from policyc.lowering.slugs import slug
from policyc.model import Project
from policyc.targets.identity import object_id, short
from policyc.targets.intune.limits import PACKAGES
from policyc.targets.intune.remediations import ROLLBACK
from policyc.targets.layout import layout

VERSION = 1


def tenant_json(project: Project) -> bytes:
    """Whose the objects are, how many packages a tenant takes, and which of departed collections stay in it."""
    return layout(
        {
            "version": VERSION,
            "project": {"name": project.name, "id": project.id.replace("-", ""), "mark": short(project.id)},
            "packages": PACKAGES,
            "departed": [{"name": name, "rollback": _rollback(project, name)} for name in project.departed],
        }
    )


def _rollback(project: Project, name: str) -> str:
    """The package that takes back what a departed collection changed, as its mark has it."""
    return object_id(project.id, slug(name), f"intune/{ROLLBACK}").hex
