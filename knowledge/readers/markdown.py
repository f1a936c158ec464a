"""Markdown: headings of every style, pipe tables, lists, front matter; also wiki headings (`== Name ==`)."""

import re

from knowledge.readers.blocks import Collected, Document

ATX = re.compile(r"^ {0,3}(#{1,6})\s+(.+?)\s*#*\s*$")
WIKI = re.compile(r"^\s{0,3}(=(?:\s?=){0,5})\s+(\S.*?)\s+\1\s*$")
ITEM = re.compile(r"^\s*(?:[-*+•]|\d{1,3}[.)])\s+(.*)$")
RULE = re.compile(r"^\s*\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?\s*$")
FENCE = re.compile(r"^\s*(?:```|~~~)")
MARKS = re.compile(r"(\*\*|__|~~|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)|`)")
LINK = re.compile(r"!?\[([^\]]*)\]\([^)\s]*(?:\s+\"[^\"]*\")?\)")
COMMENT = re.compile(r"<!--.*?-->", re.DOTALL)
AUTHOR = re.compile(r"^(?:author|autor|auteur)\s*:\s*['\"]?(.+?)['\"]?\s*$", re.IGNORECASE | re.MULTILINE)


def read_markdown(text: str) -> Document:
    """Blocks of a Markdown text."""
    author, text = _front_matter(COMMENT.sub("", text))
    collected, waiting = Collected(), [""]
    lines = text.splitlines()
    index = 0

    def flush() -> None:
        collected.paragraph(inline(waiting[0]), item=waiting[0].startswith("\0"))
        waiting[0] = ""

    while index < len(lines):
        line = lines[index]
        following = lines[index + 1] if index + 1 < len(lines) else ""
        if FENCE.match(line):
            flush()
            index = _fenced(lines, index, collected)
        elif match := ATX.match(line) or WIKI.match(line):
            flush()
            collected.heading(len(match[1].replace(" ", "")), inline(match[2]))
        elif "|" in line and RULE.match(following) and "-" in following:
            flush()
            index = _table(lines, index, collected)
        elif waiting[0].strip("\0") == "" and _underlined(line, following):
            flush()
            collected.heading(1 if following.strip()[0] == "=" else 2, inline(line))
            index += 1
        elif match := ITEM.match(line):
            flush()
            waiting[0] = "\0" + match[1]
        elif not line.strip() or re.fullmatch(r"\s*([-*_])(?:\s*\1){2,}\s*", line):
            flush()
        else:
            waiting[0] += (" " if waiting[0].strip("\0") else "") + line.strip().removeprefix("> ")
        index += 1
    flush()
    return Document(tuple(collected.blocks), author)


def inline(text: str) -> str:
    """Marked-up text as plain text: emphasis, code and link marks dropped."""
    return MARKS.sub("", LINK.sub(r"\1", text.strip("\0"))).replace("\\", "")


def _front_matter(text: str) -> tuple[str, str]:
    if not text.startswith("---\n"):
        return "", text
    head, end, rest = text[4:].partition("\n---")
    if not end:
        return "", text
    author = AUTHOR.search(head)
    return (author[1] if author else ""), rest.partition("\n")[2]


def _underlined(line: str, following: str) -> bool:
    return bool(line.strip()) and bool(re.fullmatch(r"\s{0,3}(=+|-{3,})\s*", following)) and not ITEM.match(line)


def _fenced(lines: list[str], index: int, collected: Collected) -> int:
    """Takes a fenced block as one paragraph; returns the index of its last line."""
    end = next((i for i in range(index + 1, len(lines)) if FENCE.match(lines[i])), len(lines) - 1)
    collected.paragraph("\n".join(lines[index + 1 : end]))
    return end


def _table(lines: list[str], index: int, collected: Collected) -> int:
    """Takes a pipe table; returns the index of its last line."""
    end = index + 2
    while end < len(lines) and "|" in lines[end]:
        end += 1
    rows = [_cells(line) for i, line in enumerate(lines[index:end]) if i != 1]
    collected.table(rows)
    return end - 1


def _cells(line: str) -> list[str]:
    bare = line.strip().removeprefix("|")
    bare = bare.removesuffix("|") if not bare.endswith("\\|") else bare
    return [inline(cell.replace("\x01", "|")) for cell in bare.replace("\\|", "\x01").split("|")]
