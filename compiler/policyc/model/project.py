"""A project and its collections."""

from __future__ import annotations

from enum import StrEnum

from policyc.model.deployment import A_DAY, AS_IT_COMES, DeployAs, Deployment, Span
from policyc.model.estate import owner
from policyc.model.intune import Intune
from policyc.model.layer import Exemption
from policyc.model.location import Location
from policyc.model.package import ScriptPackage
from policyc.model.platform import Platform, Version
from policyc.model.records import dataclass
from policyc.model.setting import Setting
from policyc.model.statement import Apart, Precedence

CONFIGMGR, INTUNE, CSP, GROUP_POLICY, LOCAL, VDI = "configmgr", "intune", "csp", "group_policy", "local", "vdi"
"""The names of policyc's own targets."""
BEYOND_A_SITE = frozenset({INTUNE, CSP, GROUP_POLICY, LOCAL, VDI})
"""Those of them that bring a collection to devices that no site's membership tells of."""
BY_HAND = frozenset({LOCAL, VDI})
"""Those of them that a person brings to one machine after the other."""


class Mode(StrEnum):
    """Whether a collection's settings are enforced or only reported."""

    ENFORCE = "enforce"
    AUDIT = "audit"


class Granularity(StrEnum):
    """How many settings a pair of compliance scripts holds."""

    GROUP = "group"
    SETTING = "setting"


class ExecutionPolicy(StrEnum):
    """`-ExecutionPolicy` on the command line of a program."""

    BYPASS = "Bypass"
    REMOTE_SIGNED = "RemoteSigned"
    ALL_SIGNED = "AllSigned"


class Signing(StrEnum):
    """What the project says about signatures of scripts."""

    REQUIRED = "required"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Members:
    """The whole membership of a collection, as the policy says it."""

    query: str | None = None
    """WQL."""
    devices: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    """Names of collections, in this project or only on the site."""
    exclude: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Collection:
    """A ConfigMgr device collection and what its devices get."""

    name: str
    slug: str
    """Its folder in `output/`."""
    origin: Location
    """The document."""
    id: str | None = None
    """CollectionID, where the site already has it."""
    formerly: tuple[str, ...] = ()
    """Names that it had, oldest first."""
    first: str = ""
    """The slug of its first name, empty where that is the name that it has."""
    estate: str = ""
    """The project's id."""
    adopts: tuple[str, ...] = ()
    """Other owners in journals that are this collection."""
    limited_to: str | None = None
    members: Members | None = None
    """None: the site's own membership stands, and is unknown here."""
    mode: Mode = Mode.ENFORCE
    settings: tuple[Setting, ...] = ()
    """In the order of the policy, a vocabulary's first."""
    packages: tuple[ScriptPackage, ...] = ()
    vocabulary_states: tuple[tuple[str, str], ...] = ()
    """(vocabulary, state), as in ("defender_atp", "onboarded")."""
    platforms: tuple[Platform, ...] = (Platform.WINDOWS_10,)
    deployment: Deployment = AS_IT_COMES
    baselines: tuple[str, ...] = ()
    """Names of those that it lists."""
    exemptions: tuple[Exemption, ...] = ()
    exempted: tuple[Setting, ...] = ()
    """The settings that it goes without because of them."""
    past_kinds: tuple[str, ...] = ()
    """Words of the kinds of settings, other than the registry's, that it once changed: a rollback has to know them still."""
    targets: tuple[str, ...] = (CONFIGMGR,)
    """The systems that bring it to devices."""
    intune: Intune | None = None
    """How Intune does; None: it doesn't."""

    @property
    def built_in_policy(self) -> bool:
        """Whether the site's built-in policy takes a package's place."""
        return any(package.deploy_as is DeployAs.POLICY for package in self.packages)

    @property
    def reaches_further(self) -> bool:
        """Whether it may come to any device, whatever its members on the site are: Intune brings it to groups."""
        return not BEYOND_A_SITE.isdisjoint(self.targets)

    @property
    def identity(self) -> str:
        """Who it is for the site and devices, whatever it is called now."""
        return self.first or self.slug

    @property
    def owner(self) -> str:
        """Names the collection in the journal of a device."""
        return owner(self.estate, self.identity)


ALL_CLIENTS, ALL_CLIENTS_ID = "All Desktop and Server Clients", "SMSDM003"
"""A collection that every site has. Its name depends on the site's language, its id doesn't."""


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """Where devices report whose changes are on them, of collections too that they left."""

    report: bool = True
    collection: str = ALL_CLIENTS
    id: str | None = ALL_CLIENTS_ID
    """CollectionID; None: found by its name."""
    deployment: Deployment = AS_IT_COMES
    """What the project says for all collections."""


@dataclass(frozen=True, slots=True)
class Project:
    """Everything that a compilation knows of the estate."""

    name: str
    publisher: str
    origin: Location
    id: str
    """A UUID in small letters. Who the estate is: its name is free to change."""
    site_code: str | None = None
    site_server: str | None = None
    server_version: Version | None = None
    client_version: Version | None = None
    targets: tuple[str, ...] = (CONFIGMGR,)
    """Of collections that name none."""
    granularity: Granularity = Granularity.GROUP
    execution_policy: ExecutionPolicy = ExecutionPolicy.BYPASS
    signing: Signing | None = None
    content_source: str | None = None
    """UNC path of the folder below which content sources are kept."""
    offboarding_wait: Span = A_DAY
    """Between the end of the onboarding's reach and the offboarding of a device."""
    departed: tuple[str, ...] = ()
    """Names of collections that are gone for good, and whose changes may still be on devices."""
    left_behind: LeftBehind = LeftBehind()
    disjoint: tuple[Apart, ...] = ()
    precedence: tuple[Precedence, ...] = ()
    collections: tuple[Collection, ...] = ()
    """Ordered by slug."""
    definitions: tuple[str, ...] = ()
    """Folders of administrative templates, POSIX and relative to the policies folder."""
