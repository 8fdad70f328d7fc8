"""What other tools, products and people call the words of the language, level by level.

Sources: the parameters of Microsoft's cmdlets and consoles (`-LimitingCollectionName`, `Value data`), of DSC's registry
resource (`ValueName`, `ValueData`, `ValueType`), of benchmark lists and of the YAML of configuration tools. A word is here
only if it means one thing where it stands; where it may mean two, the first one that isn't said yet is meant.
"""

from __future__ import annotations

from policyc.source.wording import plain

Words = dict[str, tuple[str, ...]]
"""Their word, as `plain` makes it, to ours; a dot leads to a level below."""


def _words(**ours: str) -> Words:
    """From ours, with `__` for a dot, to theirs, parted by spaces; what comes first goes first."""
    found: Words = {}
    for our, theirs in ours.items():
        for word in theirs.split():
            found[word] = (*found.get(word, ()), our.replace("__", "."))
    return found


_VALUE = {
    "key": "path keypath regpath registrypath registrykey regkey subkey hivepath keyname",
    "equals": "value data valuedata expected expectedvalue desired desiredvalue shouldbe mustbe eq is setting content",
    "name": "valuename value property propertyname entry registryvalue item",
    "type": "valuetype kind datatype regtype propertytype format",
    "view": "bitness arch architecture regview registryview",
    "at_least": "min minimum minvalue minimumvalue ge gte greaterorequal notlessthan",
    "at_most": "max maximum maxvalue maximumvalue le lte lessorequal notgreaterthan",
    "between": "range",
    "one_of": "values validvalues allowed allowedvalues anyof in options enum choices",
    "none_of": "notin forbidden disallowed",
    "not_equals": "ne not notequal differs",
    "matches": "regex regexp pattern like match",
    "contains": "includes hasall",
    "present": "exists exist mustexist",
    "absent": "missing deleted remove delete mustnotexist notpresent",
    "default": "defaultvalue ifmissing ifabsent systemdefault",
    "set": "write writes remediationvalue newvalue",
}
_HEAD = {
    "title": "name displayname policyname label caption summary",
    "why": "description rationale reason explanation comment justification note notes details purpose",
    "severity": "level importance impact priority criticality noncomplianceseverity",
    "remediate": "enforce fix autoremediate remediation enforced autofix",
    "references": "reference refs ref links link url urls cis stig source sources seealso",
    "sensitive": "secret confidential masked",
    "applies_to__from_build": "minbuild minimumbuild frombuild minosbuild sincebuild",
    "applies_to__before_build": "beforebuild",
    "applies_to": "target scope os",
    "registry": "reg registrysetting regsetting policy",
    "service": "windowsservice winservice svc",
    "process_mitigation": "mitigation exploitprotection processmitigations",
    "optional_feature": "windowsoptionalfeature windowsfeature feature dismfeature",
    "capability": "windowscapability featureondemand fod",
}
_MITIGATION = {
    "mitigation": "name option type",
    "program": "process executable exe app application processname",
    "equals": "value state is",
    "not_equals": "not isnot",
}
_PART = {
    "name": "feature featurename capability capabilityname displayname",
    "state": "status ensure enabled installed",
    "missing": "ifmissing ifabsent notknown notinstalled",
}
_SERVICE = {
    "name": "service servicename key",
    "startup": "start starttype startuptype startmode startupmode type",
    "state": "status ensure run",
    "missing": "ifmissing ifabsent absent notinstalled",
}
_WINDOW = {
    "name": "title label",
    "start": "begin begins from starttime",
    "duration": "length lasts hours",
    "every": "recurrence recurs repeat repeats interval schedule",
}
_DEPLOYMENT = {
    "evaluate_every": "schedule evaluation interval evaluationinterval evaluationschedule frequency every",
    "purpose": "deploypurpose",
    "time_zone": "tz zone",
    "distribution_point_groups": "distributionpoints distributionpointgroup dpgroups dps dpgroup",
    "security_scopes": "scopes securityscope",
    "maintenance_windows": "windows maintenancewindow servicewindows",
    "outside_maintenance_windows": "ignoremaintenancewindows overridemaintenancewindows",
    "folder": "consolefolder path",
    "phase": "wave ring order",
    "start": "available availabletime starttime from",
}
_EXCEPTIONS = {
    "settings": "setting id ids policy policies rules",
    "reason": "why description justification because comment",
    "owner": "approvedby approver contact requester responsible",
    "ticket": "change changeid incident",
    "expires": "until expiry expire expiration expirydate end ends enddate validuntil date",
}
_REGISTRY = _words(**_VALUE)
_OVERRIDDEN = {ours: theirs for ours, theirs in _VALUE.items() if ours not in ("key", "name", "type", "view")}
"""An override changes no place."""

KEYS: dict[tuple[str, ...], Words] = {
    (): _words(
        settings="policies rules items registrysettings values",
        baselines="includes include inherits extends imports import uses",
        defender_atp="mde mdatp atp defender windowsdefenderatp microsoftdefender defenderforendpoint "
        "microsoftdefenderforendpoint",
        exceptions="exemptions waivers exclusions",
        variables="vars parameters params",
        override="patch customize",
        configmgr="sccm mecm mcm sms site configurationmanager",
        precedence="priority order",
        deployment="deploy schedule",
    ),
    ("collection",): _words(
        limited_to="limitingcollection limitingcollectionname limitto limitedby limiting limit limitingcollectionid parent",
        id="collectionid",
        name="title collectionname displayname",
        members="membership membershiprules memberrules rules",
        platforms="os operatingsystem operatingsystems supportedplatforms platform",
        mode="enforcement",
    ),
    ("collection", "members"): _words(
        devices="computers machines clients hosts hostnames names direct directmembers computernames devicenames device",
        include="includecollections includecollection includedcollections includes collections",
        exclude="excludecollections excludecollection excludedcollections excludes",
        query="wql queryrule queryexpression expression rule filter where",
    ),
    ("defender_atp",): _words(
        state="status onboarding action ensure",
        sample_collection="samples samplesharing allowsamplecollection samplesubmission",
        reporting_frequency="latency frequency telemetryreportingfrequency telemetry",
        device_tag="tag tags group groupids devicegroup machinetag",
        package__source="path folder share",
    ),
    ("defender_atp", "package"): _words(
        source="path folder unc uncpath location share directory dir contentsource sourcepath content",
        script="cmd command file scriptname installer commandline",
        configuration_file="onboardingfile onboardingblob blob config configfile",
        sha256="hash checksum filehash digest",
        deploy_as="type as deploytype",
    ),
    ("settings", "*"): _words(
        **_HEAD,
        only_if="when requires precondition depends dependson",
        **{f"registry__{ours}": theirs for ours, theirs in _VALUE.items()},
    ),
    ("settings", "*", "registry"): _REGISTRY,
    ("settings", "*", "only_if"): _words(
        key="registry path regkey",
        name="value valuename",
        service="servicename",
        file="folder directory exists",
        feature="optionalfeature windowsfeature windowsoptionalfeature featurename",
        state="installstate",
    ),
    ("settings", "*", "service"): _words(**_SERVICE),
    ("settings", "*", "process_mitigation"): _words(**_MITIGATION),
    ("settings", "*", "optional_feature"): _words(**_PART),
    ("settings", "*", "capability"): _words(**_PART),
    ("settings", "*", "applies_to"): _words(
        from_build="min minbuild minimum minimumbuild from since atleast build", role="type producttype kind os"
    ),
    ("override", "*"): _words(**{**_HEAD, "why": "description explanation comment", "reason": "rationale justification"}),
    ("override", "*", "registry"): _words(**_OVERRIDDEN),
    ("override", "*", "service"): _words(**{ours: theirs for ours, theirs in _SERVICE.items() if ours != "name"}),
    ("baseline",): _words(name="title displayname baselinename", description="why comment summary purpose notes"),
    ("project",): _words(
        name="title displayname projectname", publisher="company organisation organization vendor manufacturer owner author"
    ),
    ("configmgr",): _words(
        site_code="site code",
        site_server="server smsprovider provider siteservername primarysiteserver host",
        server_version="version siteversion build",
        client_version="agentversion",
        signing="sign signed signscripts",
        content_source="share source content packageshare sourcefolder unc",
    ),
    ("configmgr", "deployment"): _words(**_DEPLOYMENT),
    ("deployment",): _words(**_DEPLOYMENT),
    # Of lists, which have no level: by the key of the list.
    ("exceptions",): _words(**_EXCEPTIONS),
    ("maintenance_windows",): _words(**_WINDOW),
    ("disjoint",): _words(collections="names between", reason="why because comment description"),
}
"""Level (`*` is an id) to the words that people use there."""

COMMENTS = frozenset({"description", "comment", "comments", "notes", "note", "documentation", "about"})
"""Words of those who want to say something where the language has no place for it but a comment."""

_TYPES = {
    "string": "regsz sz str text",
    "expand_string": "regexpandsz expandsz expandablestring",
    "multi_string": "regmultisz multisz stringarray list array",
    "dword": "regdword dword32 int int32 integer number uint32 bool boolean regdwordlittleendian",
    "qword": "regqword qword64 int64 long uint64 regqwordlittleendian",
    "binary": "regbinary bin hex bytes byte",
}
VALUES: dict[str, Words] = {
    "type": _words(**_TYPES),
    "mode": _words(audit="report reportonly monitor detect detectonly whatif test", enforce="remediate apply on active"),
    "severity": _words(
        critical="high error severe major",
        warning="medium moderate minor warn",
        informational="low info information",
        none="off no",
    ),
    "state": _words(
        onboarded="onboard onboarding on true yes",
        offboarded="offboard offboarding off false no",
        enabled="enable",
        disabled="disable",
        present="installed",
        absent="uninstalled notpresent",
        running="run runs started start on true yes 4",
        stopped="stop stops off false no 1",
        not_configured="notset unset undefined default",
    ),
    "startup": _words(
        automatic="auto autostart serviceautostart 2",
        delayed="automaticdelayed automaticdelayedstart automatic(delayedstart) delayedauto delayedautomatic delayedstart",
        manual="demand ondemand demandstart servicedemandstart automatic(triggerstart) manual(triggerstart) 3",
        disabled="disable servicedisabled off none never false no 4",
    ),
    "missing": _words(**{"compliant": "ok ignore true yes", "non-compliant": "error fail false no"}),
    "sample_collection": _words(all="true yes on enabled 1", none="false no off disabled 0"),
    "reporting_frequency": _words(normal="standard default low", expedite="expedited high fast frequent"),
    "case": _words(exact="sensitive true yes", ignore="insensitive false no"),
    "role": _words(workstation="client clients desktop laptop pc", server="servers memberserver dc domaincontroller"),
    "purpose": _words(required="mandatory forced", available="optional"),
    "signing": _words(required="true yes on signed", none="false no off unsigned"),
    "time_zone": _words(device="local localtime client", utc="gmt zulu"),
}
"""Key to what people write as its value."""

HOLDERS = {"package": "source", "collection": "name", "baseline": "name", "project": "name"}
"""Keys that take a mapping, and what a single text there is."""
LISTS = {"members": "devices"}
"""Keys that take a mapping, and what a list of texts there is."""

__all__ = ["COMMENTS", "HOLDERS", "KEYS", "LISTS", "VALUES", "Words", "plain"]
