"""A stand-in for the part of Microsoft Graph (beta) that Intune's scripts live in: HTTP on loopback, documented shapes.

Where the documentation says nothing, it is the harsher of two readings: lists have no contents, a property that a type
doesn't have is refused, `assign` replaces, times come back with fractions of a second, `version` is counted by the service.
"""

from __future__ import annotations

import base64
import binascii
import copy
import json
import re
import threading
import uuid
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

Tree = dict[str, Any]
TOKEN = "eyJ0eXAiOiJKV1QifQ.c2VjcmV0LW9mLXRoZS10ZW5hbnQ.kR3kz9-Q_w"
SCRIPTS, CONFIGURATION = "DeviceManagementScripts", "DeviceManagementConfiguration"
ROOT = "/beta/deviceManagement/"
_COMMON: dict[str, type] = {
    "@odata.type": str,
    "publisher": str,
    "version": str,
    "displayName": str,
    "description": str,
    "detectionScriptContent": bytes,
    "runAsAccount": str,
    "enforceSignatureCheck": bool,
    "runAs32Bit": bool,
    "roleScopeTagIds": list,
}


@dataclass(frozen=True)
class Kind:
    """A collection of Graph: its type, what may be sent of it, which permission it takes."""

    type: str
    properties: dict[str, type]
    permission: str
    contents: tuple[str, ...]


KINDS = {
    "deviceHealthScripts": Kind(
        "#microsoft.graph.deviceHealthScript",
        {**_COMMON, "remediationScriptContent": bytes, "detectionScriptParameters": list, "remediationScriptParameters": list},
        SCRIPTS,
        ("detectionScriptContent", "remediationScriptContent"),
    ),
    "deviceComplianceScripts": Kind("#microsoft.graph.deviceComplianceScript", _COMMON, SCRIPTS, ("detectionScriptContent",)),
    "deviceCompliancePolicies": Kind(
        "#microsoft.graph.windows10CompliancePolicy",
        {
            "@odata.type": str,
            "displayName": str,
            "description": str,
            "roleScopeTagIds": list,
            "scheduledActionsForRule": list,
            "deviceCompliancePolicyScript": dict,
        },
        CONFIGURATION,
        # A read that doesn't expand it has no actions.
        ("scheduledActionsForRule",),
    ),
}
TARGETS = {
    "#microsoft.graph.groupAssignmentTarget",
    "#microsoft.graph.exclusionGroupAssignmentTarget",
    "#microsoft.graph.allDevicesAssignmentTarget",
}


@dataclass
class Disturbance:
    """What happens to requests instead of what they ask for; `done`: they are carried out, and the answer is lost."""

    method: str
    path: str
    status: int = 0
    retry_after: str | None = None
    times: int = 1
    done: bool = False
    message: str = "Too many requests"


@dataclass
class Request:
    """What was asked."""

    method: str
    path: str
    body: Any


class RefusedError(Exception):
    """An answer that is a failure."""

    def __init__(self, status: int, code: str, message: str) -> None:
        self.status, self.code, self.message = status, code, message


@dataclass
class Graph:
    """The service. `objects` is what the tenant holds, by collection and id; `requests` what it was asked."""

    token: str = TOKEN
    page: int = 2
    room: int = 200
    permissions: set[str] = field(default_factory=lambda: {f"{SCRIPTS}.ReadWrite.All", f"{CONFIGURATION}.ReadWrite.All"})
    objects: dict[str, dict[str, Tree]] = field(default_factory=lambda: {name: {} for name in KINDS})
    assignments: dict[str, list[Tree]] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    disturbances: list[Disturbance] = field(default_factory=list)
    next_page_at: str | None = None
    """Where pages go on, if not here."""
    instead: str | None = None
    """What every question is answered with, by something that stands between."""

    def __enter__(self) -> Self:
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                service._answer(self)

            def log_message(self, *arguments: object) -> None:
                pass

        for method in ("GET", "POST", "PATCH", "DELETE"):
            setattr(Handler, f"do_{method}", Handler.answer)

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *arguments: object) -> None:
                """A client that hangs up is no failure of the service."""

        self._server = Server(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(10)

    @property
    def address(self) -> str:
        """The base of its addresses."""
        return f"http://127.0.0.1:{self._server.server_port}"

    @property
    def sent(self) -> list[Request]:
        """The requests that ask for a change."""
        return [one for one in self.requests if one.method != "GET"]

    def held(self, kind: str = "deviceHealthScripts") -> dict[str, Tree]:
        """What the tenant holds of a collection, by name."""
        return {one["displayName"]: one for one in self.objects[kind].values()}

    def assigned(self, name: str) -> list[Tree]:
        """The assignments of a script package, by its name."""
        return self.assignments.get(self.held()[name]["id"], [])

    def put(self, name: str, description: str = "", kind: str = "deviceHealthScripts", **more: object) -> Tree:
        """An object that somebody made by hand."""
        made = {"id": str(uuid.uuid4()), "displayName": name, "description": description, "publisher": "Somebody", **more}
        self.objects[kind][made["id"]] = made
        return made

    def disturb(self, method: str, path: str, status: int = 0, **more: Any) -> None:
        """Have the next requests to a path (a pattern) fail."""
        self.disturbances.append(Disturbance(method, path, status, **more))

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        length = int(handler.headers.get("Content-Length") or 0)
        text = handler.rfile.read(length).decode("utf-8")
        path = handler.path.removeprefix(ROOT)
        self.requests.append(Request(handler.command, path, json.loads(text) if text else None))
        headers: dict[str, str] = {}
        disturbance = self._disturbance(handler.command, path)
        if disturbance is None:
            status, body = self._reply(handler)
        else:
            if disturbance.done:
                self._reply(handler)
            if disturbance.status == 0:
                handler.close_connection = True
                handler.connection.close()
                return
            if disturbance.retry_after is not None:
                headers["Retry-After"] = disturbance.retry_after
            status, body = disturbance.status, _failure("UnknownError", disturbance.message)
        content = b"" if body is None else json.dumps(body).encode("utf-8")
        if self.instead is not None and handler.command == "GET":
            content = self.instead.encode("utf-8")
        handler.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}.items():
            handler.send_header(name, value)
        handler.end_headers()
        handler.wfile.write(content)

    def _disturbance(self, method: str, path: str) -> Disturbance | None:
        for one in self.disturbances:
            if one.times > 0 and one.method == method and re.search(one.path, path):
                one.times -= 1
                return one
        return None

    def _reply(self, handler: BaseHTTPRequestHandler) -> tuple[int, Tree | None]:
        try:
            return self._carry_out(handler)
        except RefusedError as refused:
            return refused.status, _failure(refused.code, refused.message)

    def _carry_out(self, handler: BaseHTTPRequestHandler) -> tuple[int, Tree | None]:
        given = handler.headers.get("Authorization", "")
        if given != f"Bearer {self.token}":
            # As careless as a service can be.
            raise RefusedError(401, "InvalidAuthenticationToken", f"Access token validation failure: Authorization: {given}")
        address = urlsplit(handler.path.removeprefix(ROOT))
        kind, *rest = address.path.split("/")
        if not handler.path.startswith(ROOT) or kind not in KINDS:
            raise RefusedError(400, "BadRequest", f"Resource not found for the segment '{kind}'.")
        self._allow(KINDS[kind].permission, handler.command)
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        if rest:
            return self._of_object(handler.command, kind, rest, query)
        if handler.command == "GET":
            found = [self._without_contents(kind, one) for one in self.objects[kind].values()]
            return 200, self._listed(found, kind, query)
        return 201, self._create(kind, self.requests[-1].body)

    def _of_object(self, method: str, kind: str, rest: list[str], query: dict[str, str]) -> tuple[int, Tree | None]:
        own, body = rest[0], self.requests[-1].body
        held = self._object(kind, own)
        match method, rest[1:]:
            case "GET", []:
                return 200, {name: value for name, value in held.items() if name != "scheduledActionsForRule"}
            case "PATCH", []:
                held.update(self._checked(kind, body))
                return 200, held
            case "DELETE", []:
                self._check_unused(own)
                del self.objects[kind][own]
                return 204, None
            case "GET", ["assignments"]:
                return 200, self._listed(self.assignments.get(own, []), f"{kind}/{own}/assignments", query)
            case "POST", ["assign"]:
                self.assignments[own] = [_assignment(one) for one in body["deviceHealthScriptAssignments"]]
                return 204, None
        raise RefusedError(405, "MethodNotAllowed", "No method match route candidate.")

    def _allow(self, permission: str, method: str) -> None:
        enough = {f"{permission}.ReadWrite.All"} | ({f"{permission}.Read.All"} if method == "GET" else set())
        if not enough & self.permissions:
            raise RefusedError(
                403, "Forbidden", f"Application is not authorized to perform this operation for Bearer {self.token}"
            )

    def _listed(self, found: list[Tree], path: str, query: dict[str, str]) -> Tree:
        start = int(query.get("$skiptoken", "0"))
        answer: Tree = {"@odata.context": f"{self.address}/beta/$metadata", "value": found[start : start + self.page]}
        if start + self.page < len(found):
            answer["@odata.nextLink"] = f"{self.next_page_at or self.address}{ROOT}{path}?$skiptoken={start + self.page}"
        return answer

    @staticmethod
    def _without_contents(kind: str, one: Tree) -> Tree:
        return {**one, **dict.fromkeys(KINDS[kind].contents)}

    def _object(self, kind: str, id: str) -> Tree:
        if id not in self.objects[kind]:
            raise RefusedError(404, "ResourceNotFound", f"Resource '{id}' does not exist.")
        return self.objects[kind][id]

    def _create(self, kind: str, body: Tree) -> Tree:
        own = [one for one in self.objects[kind].values() if not one.get("isGlobalScript")]
        if kind == "deviceHealthScripts" and len(own) >= self.room:
            raise RefusedError(400, "BadRequest", "The maximum number of device health scripts has been reached.")
        missing = {"@odata.type", "displayName", KINDS[kind].contents[0]} - body.keys()
        if missing:
            raise RefusedError(400, "ModelValidationFailure", f"{sorted(missing)} must be given")
        made = {"id": str(uuid.uuid4()), "createdDateTime": "2026-01-15T09:30:00.1234567Z", "isGlobalScript": False}
        made |= {"roleScopeTagIds": ["0"], **self._checked(kind, body), "version": "1"}
        self._check_policy(kind, made)
        self.objects[kind][made["id"]] = made
        return made

    def _check_policy(self, kind: str, made: Tree) -> None:
        """Exactly one action that blocks, and a script that is there."""
        if kind != "deviceCompliancePolicies":
            return
        actions = [one for rule in made["scheduledActionsForRule"] for one in rule["scheduledActionConfigurations"]]
        if [one["actionType"] for one in actions].count("block") != 1:
            raise RefusedError(400, "BadRequest", "A compliance policy must have one and only one block scheduled action.")
        asks = made["deviceCompliancePolicyScript"]
        json.loads(base64.b64decode(asks["rulesContent"], validate=True))
        self._object("deviceComplianceScripts", asks["deviceComplianceScriptId"])

    def _check_unused(self, id: str) -> None:
        for one in self.objects["deviceCompliancePolicies"].values():
            if one.get("deviceCompliancePolicyScript", {}).get("deviceComplianceScriptId") == id:
                raise RefusedError(400, "BadRequest", "The script is used by a policy.")

    @staticmethod
    def _checked(kind: str, body: Tree) -> Tree:
        for name, value in body.items():
            wanted = KINDS[kind].properties.get(name)
            if wanted is None:
                raise RefusedError(400, "BadRequest", f"The property '{name}' can't be set on type '{KINDS[kind].type}'.")
            if wanted is bytes:
                try:
                    base64.b64decode(value, validate=True)
                except (binascii.Error, TypeError, ValueError):
                    raise RefusedError(400, "BadRequest", f"Cannot convert the literal of '{name}' to 'Edm.Binary'.") from None
            elif type(value) is not wanted:
                raise RefusedError(400, "BadRequest", f"Cannot convert the literal of '{name}'.")
        if body.get("@odata.type", KINDS[kind].type) != KINDS[kind].type:
            raise RefusedError(400, "BadRequest", "A type named in the body is of another collection.")
        return copy.deepcopy({name: value for name, value in body.items() if name != "version"})


def _failure(code: str, message: str) -> Tree:
    return {"error": {"code": code, "message": message, "innerError": {}}}


def _assignment(given: Tree) -> Tree:
    """As the service gives an assignment back, with everything that it adds."""
    target = {
        "deviceAndAppManagementAssignmentFilterId": None,
        "deviceAndAppManagementAssignmentFilterType": "none",
        **given["target"],
    }
    if target["@odata.type"] not in TARGETS:
        raise RefusedError(400, "BadRequest", "unknown target")
    schedule = copy.deepcopy(given.get("runSchedule"))
    if schedule is not None and "time" in schedule:
        schedule["time"] = f"{schedule['time']}.0000000"
    if schedule is not None and not 1 <= schedule["interval"] <= 23:
        raise RefusedError(400, "BadRequest", "interval")
    run = given.get("runRemediationScript", False)
    return {"id": str(uuid.uuid4()), "target": target, "runRemediationScript": run, "runSchedule": schedule}
