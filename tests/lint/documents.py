"""Links between documents lead somewhere, headings included, and lock files name no registry."""
import json
import re
import sys

from source_tree import Tree, report

LINK = re.compile(r"(?<!!)\[[^\]]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|!\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^\s*(```|~~~)")


def prose(tree, name):
    """(line number, line) outside fenced code."""
    fenced = False
    for number, line in enumerate(tree.lines(name), 1):
        if FENCE.match(line):
            fenced = not fenced
        elif not fenced:
            yield number, line


def anchor_of(heading):
    text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def anchors(tree, name):
    found = set()
    for _, line in prose(tree, name):
        if match := re.match(r"^#{1,6}\s+(.*)$", line):
            found.add(anchor_of(match.group(1)))
    return found


def link_findings(tree):
    known = set(tree.files)
    folders = {"/".join(name.split("/")[:depth]) for name in tree.files for depth in range(1, name.count("/") + 1)}
    for name in tree.with_suffix(".md"):
        for number, line in prose(tree, name):
            for match in LINK.finditer(line):
                link = match.group(1) or match.group(2)
                if re.match(r"^[a-z]+:", link):
                    continue
                path, _, anchor = link.partition("#")
                target = name if not path else resolve(name, path)
                if target not in known and target.rstrip("/") not in folders and target != "":
                    yield f"{name}:{number}: the link {link} leads nowhere"
                elif anchor and target.endswith(".md") and anchor not in anchors(tree, target):
                    yield f"{name}:{number}: {target} has no heading #{anchor}"


def resolve(name, path):
    parts = [] if path.startswith("/") else name.split("/")[:-1]
    for part in path.split("/"):
        if part == "..":
            parts = parts[:-1]
        elif part not in ("", "."):
            parts.append(part)
    return "/".join(parts)


def lock_findings(tree):
    for name in tree.files:
        if not name.endswith("package-lock.json"):
            continue
        for number, line in enumerate(tree.lines(name), 1):
            if re.search(r'"resolved":\s*"(?:https?|git)', line):
                yield f"{name}:{number}: names a registry: npm install --omit-lockfile-registry-resolved"
        for package, entry in json.loads(tree.text(name)).get("packages", {}).items():
            if package and not entry.get("link") and "integrity" not in entry and "version" in entry:
                yield f"{name}:1: {package} has no integrity hash"


def findings(tree):
    return [*link_findings(tree), *lock_findings(tree)]


if __name__ == "__main__":
    sys.exit(report(findings(Tree()), "documents"))
