"""A real browser without a window, driven over a pipe: the DevTools protocol of Chromium."""

from __future__ import annotations

import base64
import json
import os
import select
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")
PATIENCE = 60.0
_LAUNCH = """\
import os, sys
read, write, command = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3:]
read, write = os.dup(os.dup(os.dup(read))), os.dup(os.dup(os.dup(write)))
os.dup2(read, 3)
os.dup2(write, 4)
os.execv(command[0], command)
"""
"""The browser reads from descriptor 3 and writes to 4; both are moved out of each other's way first."""
_KEYS = {
    "Tab": 9,
    "Enter": 13,
    "Escape": 27,
    " ": 32,
    "End": 35,
    "Home": 36,
    "ArrowLeft": 37,
    "ArrowUp": 38,
    "ArrowRight": 39,
    "ArrowDown": 40,
}
_MIDDLE = """(() => {
  const found = document.querySelector(SELECTOR);
  found.scrollIntoView({ block: "center", inline: "center" });
  const box = found.getBoundingClientRect();
  return [box.x + box.width / 2, box.y + box.height / 2];
})()"""


def find_browser() -> str | None:
    """The program: what POLICYC_BROWSER names, or the first that is on the PATH."""
    named = os.environ.get("POLICYC_BROWSER")
    return named or next((found for name in NAMES if (found := shutil.which(name))), None)


class Browser:
    """One page. What it complains of is kept in `complaints`."""

    def __init__(self, program: str, profile: Path) -> None:
        own_read, its_write = os.pipe()
        its_read, own_write = os.pipe()
        options = ["--headless", "--remote-debugging-pipe", "--no-first-run", "--disable-gpu", f"--user-data-dir={profile}"]
        if os.geteuid() == 0:
            options.append("--no-sandbox")
        self._process = subprocess.Popen(
            [sys.executable, "-c", _LAUNCH, str(its_read), str(its_write), program, *options],
            pass_fds=(its_read, its_write),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(its_read)
        os.close(its_write)
        self._read, self._write = own_read, own_write
        self._buffer = b""
        self._number = 0
        self._session: str | None = None
        self._loaded = 0
        self.complaints: list[str] = []
        target = self._call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log"):
            self._call(f"{domain}.enable")
        self.size(1400, 900)

    def close(self) -> None:
        """End it."""
        self._session = None
        try:
            self._call("Browser.close")
            self._process.wait(timeout=20)
        except (OSError, RuntimeError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait(timeout=20)
        os.close(self._read)
        os.close(self._write)

    def size(self, width: int, height: int) -> None:
        """Give the page this room."""
        self._call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def open(self, page: Path, *, scripts: bool = True) -> None:
        """Load a file."""
        self._call("Emulation.setScriptExecutionDisabled", value=not scripts)
        before = self._loaded
        self._call("Page.navigate", url=page.absolute().as_uri())
        end = time.monotonic() + PATIENCE
        while self._loaded == before:
            self._take(end)

    def dark(self, *, wanted: bool) -> None:
        """Ask for dark colours."""
        feature = {"name": "prefers-color-scheme", "value": "dark" if wanted else "light"}
        self._call("Emulation.setEmulatedMedia", features=[feature])

    def value(self, expression: str) -> Any:
        """What a JavaScript expression gives."""
        answer = self._call("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise RuntimeError(json.dumps(answer["exceptionDetails"]))
        return answer["result"].get("value")

    def press(self, key: str, *, control: bool = False) -> None:
        """Press and let go of a key."""
        code = _KEYS[key]
        text = {"text": "\r" if key == "Enter" else key} if key in ("Enter", " ") else {}
        for kind in ("rawKeyDown" if not text else "keyDown", "keyUp"):
            more = text if kind == "keyDown" else {}
            modifiers = 2 if control else 0
            self._call("Input.dispatchKeyEvent", type=kind, key=key, windowsVirtualKeyCode=code, modifiers=modifiers, **more)

    def write(self, text: str) -> None:
        """Type into what has the focus."""
        self._call("Input.insertText", text=text)

    def click(self, selector: str) -> None:
        """Click in the middle of what the selector finds."""
        x, y = self.value(_MIDDLE.replace("SELECTOR", json.dumps(selector)))
        for kind in ("mousePressed", "mouseReleased"):
            self._call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def picture(self) -> bytes:
        """The page as PNG."""
        return base64.b64decode(self._call("Page.captureScreenshot", format="png")["data"])

    def _call(self, method: str, **params: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session is not None:
            message["sessionId"] = self._session
        os.write(self._write, json.dumps(message).encode() + b"\0")
        end = time.monotonic() + PATIENCE
        while True:
            answer = self._take(end)
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']}")
                return answer["result"]

    def _take(self, end: float) -> dict[str, Any]:
        """The next message; complaints among the events are kept."""
        while b"\0" not in self._buffer:
            ready, _, _ = select.select([self._read], [], [], max(0.0, end - time.monotonic()))
            data = os.read(self._read, 65536) if ready else b""
            if not data:
                raise RuntimeError("the browser doesn't answer" if not ready else "the browser has ended")
            self._buffer += data
        text, self._buffer = self._buffer.split(b"\0", 1)
        message: dict[str, Any] = json.loads(text)
        method = message.get("method")
        if method == "Page.loadEventFired":
            self._loaded += 1
        elif method in ("Runtime.exceptionThrown", "Runtime.consoleAPICalled", "Log.entryAdded"):
            self.complaints.append(json.dumps(message["params"]))
        return message
