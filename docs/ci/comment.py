"""Puts a Markdown file on a pull request as one comment, which each further run renews: `python comment.py FILE`.

It knows GitHub Actions, Azure Pipelines and GitLab by the variables that they set. The token comes in POLICYC_TOKEN.
Only a comment that the token's own account has written is renewed.
"""

from __future__ import annotations

import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Protocol

MARK = "<!-- policyc plan -->"
CUT = "\n\nThe rest is left out here: the whole plan is in the pipeline's run.\n"
_PAGE = 100
_PATIENCE = 30.0
"""Seconds for an answer."""


class Service(Protocol):
    """Where the pull request is."""

    limit: int
    """Characters that a comment may have."""

    def known(self) -> str | None:
        """The address of the comment of an earlier run."""

    def add(self, text: str) -> None:
        """Write a comment."""

    def renew(self, address: str, text: str) -> None:
        """Replace a comment's text."""


def call(method: str, address: str, headers: Mapping[str, str], body: object = None) -> Any:  # noqa: ANN401 - JSON
    """One request of a service, in JSON."""
    data = None if body is None else json.dumps(body).encode("ascii")
    whole = {"Accept": "application/json", "Content-Type": "application/json", "User-Agent": "policyc", **headers}
    # The address begins with what the CI says of itself.
    request = urllib.request.Request(address, data, whole, method=method)  # noqa: S310
    with urllib.request.urlopen(request, timeout=_PATIENCE) as answer:  # noqa: S310
        return json.load(answer)


def pages(address: str, headers: Mapping[str, str]) -> Iterator[Any]:
    """The entries of a list that comes in pages."""
    number = 0
    while True:
        number += 1
        entries = call("GET", f"{address}?per_page={_PAGE}&page={number}", headers)
        yield from entries
        if len(entries) < _PAGE:
            return


class GitHub:
    """A pull request on GitHub."""

    limit = 65_000

    def __init__(self, environment: Mapping[str, str], token: str) -> None:
        number = re.fullmatch(r"refs/pull/(\d+)/\w+", environment["GITHUB_REF"])
        if number is None:
            raise KeyError("GITHUB_REF of a pull request")
        self._top = f"{environment['GITHUB_API_URL']}/repos/{environment['GITHUB_REPOSITORY']}/issues"
        self._list = f"{self._top}/{number[1]}/comments"
        self._headers = {"Authorization": f"Bearer {token}", "X-GitHub-Api-Version": "2022-11-28"}

    def known(self) -> str | None:
        """Its comments, of which the workflow's token writes as one account."""
        for comment in pages(self._list, self._headers):
            author = (comment["user"] or {}).get("login")
            if author == "github-actions[bot]" and (comment["body"] or "").startswith(MARK):
                return f"{self._top}/comments/{comment['id']}"
        return None

    def add(self, text: str) -> None:
        """Write a comment."""
        call("POST", self._list, self._headers, {"body": text})

    def renew(self, address: str, text: str) -> None:
        """Replace a comment's text."""
        call("PATCH", address, self._headers, {"body": text})


class Azure:
    """A pull request in Azure Repos."""

    limit = 150_000
    _VERSION = "api-version=7.0"

    def __init__(self, environment: Mapping[str, str], token: str) -> None:
        self._collection = environment["SYSTEM_COLLECTIONURI"].rstrip("/")
        repository = f"{environment['SYSTEM_TEAMPROJECTID']}/_apis/git/repositories/{environment['BUILD_REPOSITORY_ID']}"
        number = environment["SYSTEM_PULLREQUEST_PULLREQUESTID"]
        self._list = f"{self._collection}/{repository}/pullRequests/{number}/threads"
        self._headers = {"Authorization": f"Bearer {token}"}

    def known(self) -> str | None:
        """The first comment of a thread that this account has begun."""
        own = call("GET", f"{self._collection}/_apis/connectionData", self._headers)["authenticatedUser"]["id"]
        for thread in call("GET", f"{self._list}?{self._VERSION}", self._headers)["value"]:
            for comment in thread["comments"][:1]:
                text = comment.get("content") or ""
                if comment["author"]["id"] == own and text.startswith(MARK) and not comment.get("isDeleted"):
                    return f"{self._list}/{thread['id']}/comments/{comment['id']}"
        return None

    def add(self, text: str) -> None:
        """Write a comment, in a thread that nobody has to resolve."""
        comment = {"parentCommentId": 0, "content": text, "commentType": 1}
        call("POST", f"{self._list}?{self._VERSION}", self._headers, {"comments": [comment], "status": 4})

    def renew(self, address: str, text: str) -> None:
        """Replace a comment's text."""
        call("PATCH", f"{address}?{self._VERSION}", self._headers, {"content": text})


class GitLab:
    """A merge request on GitLab."""

    limit = 900_000

    def __init__(self, environment: Mapping[str, str], token: str) -> None:
        self._top = environment["CI_API_V4_URL"]
        project, number = environment["CI_MERGE_REQUEST_PROJECT_ID"], environment["CI_MERGE_REQUEST_IID"]
        self._list = f"{self._top}/projects/{project}/merge_requests/{number}/notes"
        self._headers = {"PRIVATE-TOKEN": token}

    def known(self) -> str | None:
        """A note of this account."""
        own = call("GET", f"{self._top}/user", self._headers)["id"]
        for note in pages(self._list, self._headers):
            if note["author"]["id"] == own and note["body"].startswith(MARK):
                return f"{self._list}/{note['id']}"
        return None

    def add(self, text: str) -> None:
        """Write a note."""
        call("POST", self._list, self._headers, {"body": text})

    def renew(self, address: str, text: str) -> None:
        """Replace a note's text."""
        call("PUT", address, self._headers, {"body": text})


def service(environment: Mapping[str, str]) -> Service:
    """The service whose pipeline this is. Raises KeyError for what it should have said and didn't."""
    token = environment["POLICYC_TOKEN"]
    if environment.get("GITHUB_ACTIONS"):
        return GitHub(environment, token)
    if environment.get("TF_BUILD"):
        return Azure(environment, token)
    if environment.get("GITLAB_CI"):
        return GitLab(environment, token)
    raise KeyError("GITHUB_ACTIONS, TF_BUILD or GITLAB_CI")


def comment(text: str, limit: int) -> str:
    """The comment: mark and text, cut at a line where it is too long, with no code block left open."""
    whole = f"{MARK}\n{text}"
    if len(whole) <= limit:
        return whole
    fence = "\n```"
    kept = whole[: limit - len(CUT) - len(fence)].rpartition("\n")[0]
    is_open = sum(line.startswith("```") for line in kept.split("\n")) % 2 == 1
    return f"{kept}{fence if is_open else ''}{CUT}"


def main(arguments: list[str]) -> int:
    """Write or renew the comment; gives the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: comment.py FILE\n")
        return 2
    try:
        there = service(os.environ)
    except KeyError as missing:
        sys.stderr.write(f"comment.py: not in the pipeline of a pull request, or without a token: {missing} is not set\n")
        return 1
    try:
        text = comment(Path(arguments[0]).read_text(encoding="utf-8"), there.limit)
        address = there.known()
        if address is None:
            there.add(text)
        else:
            there.renew(address, text)
    except (OSError, ValueError) as failure:
        # Azure answers a wrong token with a page to sign in, which is no JSON.
        sys.stderr.write(f"comment.py: the comment can't be written: {failure}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
