"""A file's text after a cure: only what the edits name is changed, comments and layout stay."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from policyc.diagnostics.cures import Act, Cure, Edit
from policyc.source.marks import Marked, Marks

Path = tuple[str | int, ...]
_LINE = re.compile(r"\r\n|\r|\n")
_STEP = "  "


class NoSuchNodeError(LookupError):
    """The file has no node where an edit has to be made."""


def cured(text: str, cure: Cure) -> str:
    """The text with all edits of a cure made, one after the other. Raises NoSuchNodeError."""
    for edit in cure:
        text = _Text(text).after(edit)
    return text


@dataclass
class _Text:
    text: str
    marks: Marks = field(init=False)

    def __post_init__(self) -> None:
        self.marks = Marks(self.text)

    def after(self, edit: Edit) -> str:
        """The text with one edit made."""
        path = edit.location.path
        if edit.act is Act.WRITE:
            return self._write(path, edit.text)
        if edit.act is Act.RENAME:
            key, _ = self._entry(path)
            return self._replaced(self._at(key.start), self._at(key.end), edit.text)
        if edit.act is Act.REMOVE:
            return self._remove(path)
        if edit.act is Act.ADD:
            return self._add(path, edit.text)
        if edit.act is Act.NEST:
            return self._nest(path, edit.text)
        # Adding first: an entry goes to the top of its mapping, so the way to the old one stays.
        block = self._value_text(path)
        there = _Text(self.text)._add(edit.to, block)  # noqa: SLF001 - another of its kind
        return _Text(there)._remove(path)  # noqa: SLF001

    def _write(self, path: Path, text: str) -> str:
        _, node = self._node(path)
        start, end = self._at(node.start), self._at(node.end)
        if start == end:
            return self._replaced(start, end, f" {text}")
        if node.block:
            return self._replaced(start, start + len(self.text[start:end].rstrip()), text)
        return self._replaced(start, end, text)

    def _remove(self, path: Path) -> str:
        _, parent = self._node(path[:-1])
        firsts = parent.children[::2] if parent.is_mapping else parent.children
        key, node = self._node(path)
        first = key if parent.is_mapping and key is not None else node
        number = next(index for index, one in enumerate(firsts) if one is first)
        if len(firsts) == 1:
            return self._write(path[:-1], "{}" if parent.is_mapping else "[]")
        if parent.block:
            start = self._item_start(first) if not parent.is_mapping else self._at(first.start)
            following = firsts[number + 1] if number + 1 < len(firsts) else None
            if following is not None:
                end = self._item_start(following) if not parent.is_mapping else self._at(following.start)
                return self._replaced(start, end, "")
            # The last entry: with its lines, but not with comments that stand behind it.
            end = self._end(node)
            return self.text[:start].rstrip(" ") + self.text[end:].lstrip(" ").removeprefix("\r").removeprefix("\n")
        if number + 1 < len(firsts):
            return self._replaced(self._at(first.start), self._at(firsts[number + 1].start), "")
        before = parent.children[parent.children.index(first) - 1]
        return self._replaced(self._at(before.end), self._at(node.end), "")

    def _item_start(self, item: Marked) -> int:
        return self.text.rindex("-", 0, self._at(item.start))

    def _add(self, path: Path, text: str) -> str:
        """`text` may be a block: it then begins with a line end, and its lines are indented from nothing."""
        depth = len(path) - 1
        while depth and not self._has(path[:depth]):
            depth -= 1
        steps = path[depth:]
        _, parent = self._node(path[:depth])
        at = self._at(parent.start)
        is_new = parent.text is not None or not parent.is_mapping
        if is_new and parent.text not in (None, "", "null", "~"):
            raise NoSuchNodeError(path)
        if parent.is_mapping and parent.block:
            indent = self._column(parent.start)
            return self._replaced(at, at, self._lines(steps, text, indent) + "\n" + " " * indent)
        flow = self._flow(steps, text)
        if not parent.is_mapping:
            return self._write(path[:depth], "{" + flow + "}")
        return self._replaced(at + 1, at + 1, flow + (", " if parent.children else ""))

    def _lines(self, steps: Path, text: str, indent: int) -> str:
        lines = [f"{_STEP * number}{step}:" for number, step in enumerate(steps)]
        block = text.split("\n")
        lines[-1] += f" {block[0]}" if block[0] else ""
        lines += [f"{_STEP * len(steps)}{line}" if line else "" for line in block[1:]]
        return ("\n" + " " * indent).join(lines)

    def _flow(self, steps: Path, text: str) -> str:
        if "\n" in text:
            raise NoSuchNodeError(steps)
        for step in reversed(steps[1:]):
            text = f"{{{step}: {text}}}"
        return f"{steps[0]}: {text}"

    def _nest(self, path: Path, key: str) -> str:
        _, node = self._node(path)
        value = self._value_text(path)
        if "\n" not in value:
            return self._write(path, f"{{{key}: {value}}}")
        holder, _ = self._entry(path)
        indent = " " * (self._column(holder.start) + len(_STEP))
        lines = value.split("\n")[1:]
        below = "".join(f"\n{indent}{_STEP}{line}" if line else "\n" for line in lines)
        return self._replaced(self._at(holder.end) + 1, self._end(node), f"\n{indent}{key}:{below}")

    # Reading

    def _value_text(self, path: Path) -> str:
        """The value as it stands; a block begins with a line end, its lines indented from nothing."""
        _, node = self._node(path)
        start, end = self._at(node.start), self._end(node)
        if not node.block:
            return self.text[start:end]
        cut = self._column(node.start)
        lines = _LINE.split(self.text[start - cut : end])
        return "\n" + "\n".join(line[cut:] for line in lines)

    def _end(self, node: Marked) -> int:
        """Where the last thing of a node ends: a block's own end is where the next token begins."""
        while node.block and node.children:
            node = node.children[-1]
        return self._at(node.end)

    def _entry(self, path: Path) -> tuple[Marked, Marked]:
        key, node = self._node(path)
        if key is None:
            raise NoSuchNodeError(path)
        return key, node

    def _node(self, path: Path) -> tuple[Marked | None, Marked]:
        key, node, complete = self.marks.find(path)
        if not complete or node is None:
            raise NoSuchNodeError(path)
        return key, node

    def _has(self, path: Path) -> bool:
        return self.marks.find(path)[2]

    def _column(self, mark: tuple[int, int]) -> int:
        return mark[1]

    def _at(self, mark: tuple[int, int]) -> int:
        starts = [0, *(found.end() for found in _LINE.finditer(self.text))]
        return starts[mark[0]] + mark[1]

    def _replaced(self, start: int, end: int, text: str) -> str:
        return self.text[:start] + text + self.text[end:]
