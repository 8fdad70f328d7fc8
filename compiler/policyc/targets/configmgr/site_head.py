"""What deploy.ps1 and monitor.ps1 read of the project: `site.json`. It is data only."""

from __future__ import annotations

from policyc.artifacts.paths import PROJECT_FOLDER
from policyc.model import Project
from policyc.targets.configmgr import exit_codes
from policyc.targets.configmgr.package_data import OF_SETTINGS, codes
from policyc.targets.configmgr.site import VERSION
from policyc.targets.identity import object_id, short
from policyc.targets.layout import layout


def site_json(project: Project) -> bytes:
    """What holds for all collections."""
    version = project.server_version
    clients = project.client_version
    return layout(
        {
            "version": VERSION,
            "project": {"name": project.name, "id": project.id.replace("-", ""), "mark": short(project.id)},
            "site": {
                "code": project.site_code,
                "server": project.site_server,
                "server_version": None if version is None else version.text,
                "client_version": None if clients is None else clients.text,
            },
            "signing": project.signing,
            "content_source": project.content_source,
            "report": object_id(project.id, PROJECT_FOLDER, "baseline").hex,
            "offboarding_wait_hours": -(-project.offboarding_wait.minutes // 60),
            "exit_codes": {OF_SETTINGS: codes(exit_codes.SETTINGS)},
            "disjoint": [{"collections": list(apart.collections), "reason": apart.reason} for apart in project.disjoint],
        }
    )
