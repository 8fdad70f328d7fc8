"""A small estate that is compiled for Intune and brought to the stand-in Graph with deploy-intune.ps1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from configmgr.site import Result
from endpoint.deploying import Estate, rows, setting
from endpoint.engine import Session
from endpoint.graph import TOKEN, Graph

GROUP, OTHER_GROUP = "3f0c1c52-5c1e-4b8e-9d57-0a6b1c2d3e4f", "11111111-2222-4333-8444-555555555555"


def ring(name: str = "Ring", **more: Any) -> dict[str, Any]:
    """A collection that goes by Intune to a group, with a setting that is remediated and one that is only reported."""
    return {
        "collection": {"name": name},
        "targets": ["intune"],
        "intune": {"groups": [GROUP], "excluded_groups": [OTHER_GROUP], "every": "1 day", "at": "09:30"},
        "settings": {"first": setting("First"), "only": {**setting("Only"), "remediate": False}},
        **more,
    }


def estate(folder: Path, **policies: dict[str, Any]) -> Estate:
    """Policies, compiled."""
    made = Estate(folder / "estate", policies or {"ring": ring()})
    made.compile()
    return made


def bring(session: Session, of: Estate, graph: Graph, arguments: str = "", *, address: str | None = None) -> Result:
    """Run deploy-intune.ps1 as an administrator who has a token, which nothing that it says may show."""
    script = session.path(of.output / "deploy-intune.ps1").replace("'", "''")
    lines = [
        "$ErrorActionPreference = 'Stop'",
        "$token = [Security.SecureString]::new()",
        f"foreach ($character in '{TOKEN}'.ToCharArray()) {{ $token.AppendChar($character) }}",
        f"& '{script}' -AccessToken $token -BaseUri '{address or graph.address}' {arguments}",
        "exit $LASTEXITCODE",
    ]
    answer = session.run(script="\n".join(lines), timeout=120)
    said = "\n".join(line for stream in answer.streams.values() for line in stream)
    assert TOKEN not in answer.stdout + answer.stderr + said
    return Result(answer.exit_code, answer.stdout, answer.stderr + said)


def done(result: Result) -> list[tuple[str, str, str]]:
    """Object, kind and action of everything that isn't unchanged."""
    return [(row["Object"], row["Kind"], row["Action"]) for row in rows(result) if row["Action"] != "unchanged"]


SESSION = """
function global:Get-MgContext { [pscustomobject]@{ Environment = 'Stand-in' } }
function global:Get-MgEnvironment { param([string] $Name) [pscustomobject]@{ Name = $Name; GraphEndpoint = '{address}' } }
function global:Invoke-MgGraphRequest {
    [CmdletBinding()]
    param([string] $Method, [Uri] $Uri, $Body, [string] $ContentType, [string] $OutputType, [switch] $SkipHttpErrorCheck)
    if ($OutputType -ne 'HttpResponseMessage' -or -not $SkipHttpErrorCheck) { throw 'another answer than the script reads' }
    $request = [Net.WebRequest]::Create($Uri)
    $request.Method = $Method
    $request.Headers['Authorization'] = 'Bearer {token}'
    if ($Body) {
        $bytes = [Text.Encoding]::UTF8.GetBytes($Body)
        $request.ContentType = $ContentType
        $stream = $request.GetRequestStream()
        $stream.Write($bytes, 0, $bytes.Length)
        $stream.Dispose()
    }
    try { $response = $request.GetResponse() } catch { $response = $_.Exception.GetBaseException().Response }
    $answer = [Net.Http.HttpResponseMessage]::new([Net.HttpStatusCode][int]$response.StatusCode)
    $text = [IO.StreamReader]::new($response.GetResponseStream()).ReadToEnd()
    $answer.Content = [Net.Http.StringContent]::new($text)
    $after = $response.Headers['Retry-After']
    if ($after) { $null = $answer.Headers.TryAddWithoutValidation('Retry-After', $after) }
    $response.Dispose()
    return $answer
}
"""
"""What the module Microsoft.Graph.Authentication documents of these three, as far as the script uses them."""


def bring_by_session(session: Session, of: Estate, graph: Graph, arguments: str = "") -> Result:
    """Run deploy-intune.ps1 in a window in which Connect-MgGraph opened a session."""
    script = session.path(of.output / "deploy-intune.ps1").replace("'", "''")
    head = SESSION.replace("{address}", graph.address).replace("{token}", TOKEN)
    answer = session.run(script=f"{head}\n& '{script}' {arguments}\nexit $LASTEXITCODE", timeout=120)
    assert TOKEN not in answer.stdout + answer.stderr
    return Result(answer.exit_code, answer.stdout, answer.stderr)
