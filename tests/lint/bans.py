"""What our sources do not say, and what they say instead. A line that must break a rule ends in `// lint: allow(RULE)`
with a reason."""
import re
import sys

from source_tree import Tree, report


class Ban:
    def __init__(self, rule, pattern, instead, applies=lambda name: True, comments=False):
        self.rule, self.pattern, self.instead = rule, re.compile(pattern), instead
        self.applies, self.comments = applies, comments


def outside(*places):
    return lambda name: not name.startswith(places)


def is_header(name):
    return name.endswith((".h", ".cuh"))


def is_test(name):
    return name.endswith("_test.cc") or name.startswith("tests/")


DECLARED = r"\b(?:class|struct|namespace|enum(?:\s+class)?)\s+(?:\w+::)*\w*"
BANS = [
    Ban("thread", r"\bstd::(?:thread\b(?!::hardware_concurrency)|jthread\b)|\bpthread_create\b",
        "Executor or ServiceThread of base/executor.h", outside("base/")),
    Ban("async", r"\bstd::async\b|\.detach\(\)", "Executor or TaskScope of base/executor.h"),
    Ban("clock", r"\bsystem_clock::now\b|\btime\(\s*(?:NULL|nullptr|0)\s*\)|\bgettimeofday\b",
        "a Clock of base/clock.h, passed in", outside("base/clock.cc")),
    Ban("random", r"\bs?rand\(|\bstd::(?:mt19937|random_device|default_random_engine)",
        "a Random of base/random.h with a seed", outside("base/random.")),
    Ban("openmp", r"^\s*#\s*pragma\s+omp\b", "Executor::ParallelFor of base/executor.h"),
    Ban("using-namespace", r"^\s*using\s+namespace\b", "qualified names, or a using-declaration inside a function",
        is_header),
    Ban("todo", r"\b(?:FIXME|TODO|XXX)\b", "the work itself, or a sentence that states the limit", comments=True),
    Ban("sleep", r"\b(?:sleep_for|sleep_until|usleep|nanosleep)\s*\(|(?<![\w.])sleep\(",
        "a FakeClock, a condition, or a poll with a deadline", is_test),
    Ban("vague-name", DECLARED + r"(?:[Uu]tils?|[Hh]elpers?|Manager|_common)\b(?!\s*;)",
        "a name that says what it does"),
    Ban("assert", r"(?<![\w_])assert\(", "LINEAL_CHECK of base/check.h for an invariant, a Status for input"),
    Ban("printf", r"\bstd::c(?:out|err)\b|(?<![\w:])(?:std::)?f?printf\(", "Log of base/log.h",
        lambda name: name.startswith(("base/", "index/", "storage/", "engine/", "server/")) and not is_test(name)
        and not name.startswith(("base/check.cc", "server/process/")) and not name.endswith(("_bench.cc", "_fuzz.cc"))),
]
VAGUE_FILE = re.compile(r"(?:^|[_/])(?:utils?|helpers?|common|manager|misc)(?:_test)?\.(?:h|cc|py|js|ts)$|/(?:utils?|helpers?|common|misc)/")
ALLOW = re.compile(r"//\s*lint:\s*allow\(([\w-]+)\)\s*\S+")
STRING = re.compile(r'"(?:\\.|[^"\\])*"')


def code_of(line):
    """The line without its string literals and its trailing comment."""
    return STRING.sub('""', line).split("//", 1)[0]


def findings(tree):
    found = []
    for name in tree.sources():
        bans = [ban for ban in BANS if ban.applies(name)]
        for number, line in enumerate(tree.lines(name), 1):
            code = code_of(line)
            allowed = {match.group(1) for match in ALLOW.finditer(line)}
            for ban in bans:
                match = ban.pattern.search(line if ban.comments else code)
                if match and ban.rule not in allowed:
                    found.append(f"{name}:{number}: [{ban.rule}] `{match.group(0).strip()}`: use {ban.instead}")
    found += [f"{name}:1: [vague-name] the file's name does not say what it does"
              for name in tree.files if VAGUE_FILE.search(name)]
    return found


if __name__ == "__main__":
    sys.exit(report(findings(Tree()), "bans"))
