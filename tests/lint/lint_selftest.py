"""The checks can fail: each is given a small tree that breaks its rule, and one that does not."""
import tempfile
import unittest
from pathlib import Path

import bans
import documents
import formatting
import layers
import sizes
from source_tree import Tree


def tree_of(files):
    folder = tempfile.TemporaryDirectory()
    unittest.addModuleCleanup(folder.cleanup)
    for name, text in files.items():
        path = Path(folder.name) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return Tree(folder.name)


class Layers(unittest.TestCase):
    def only(self, files):
        found = layers.findings(tree_of(files))
        self.assertEqual(len(found), 1, found)
        return found[0]

    def test_accepts_includes_that_point_down(self):
        files = {
            "base/ids.h": "#pragma once\n",
            "index/flat/flat.h": '#include "base/ids.h"\n',
            "engine/shard/shard.cc": '#include "engine/shard/shard.h"\n#include "index/flat/flat.h"\n',
            "engine/shard/shard.h": '#include "base/ids.h"\n',
            "server/rest/rest.cc": '#include <boost/beast.hpp>\n#include "engine/shard/shard.h"\n#include "lineal/v1/a.pb.h"\n',
        }
        self.assertEqual(layers.findings(tree_of(files)), [])

    def test_names_file_and_line_of_an_upward_include(self):
        found = self.only({"index/flat/flat.cc": '// why\n#include "engine/api/read.h"\n'})
        self.assertTrue(found.startswith("index/flat/flat.cc:2:"), found)

    def test_keeps_index_and_storage_apart(self):
        self.assertIn("must not include", self.only({"index/flat/flat.cc": '#include "storage/log/log.h"\n'}))
        self.assertIn("must not include", self.only({"storage/log/log.cc": '#include "index/flat/flat.h"\n'}))

    def test_keeps_the_wire_out_of_the_engine(self):
        for line in ('#include "lineal/v1/a.pb.h"', "#include <google/protobuf/arena.h>", "#include <grpcpp/grpcpp.h>",
                     "#include <boost/beast/http.hpp>"):
            self.assertIn("free of", self.only({"engine/api/read.cc": line + "\n"}))
        self.assertIn("free of", self.only({"index/hnsw/a.cc": "#include <rocksdb/db.h>\n"}))

    def test_keeps_the_engines_modules_in_order(self):
        found = self.only({"engine/filter/a.cc": '#include "engine/shard/shard.h"\n'})
        self.assertIn("stands below", found)

    def test_finds_a_ring_of_headers(self):
        found = self.only({"base/a.h": '#include "base/b.h"\n', "base/b.h": '#include "base/c.h"\n',
                           "base/c.h": '#include "base/a.h"\n'})
        self.assertIn("base/a.h, base/b.h, base/c.h", found)

    def test_finds_modules_that_include_each_other(self):
        found = self.only({"clients/a/x.h": '#include "clients/b/y.h"\n', "clients/b/y.h": "",
                           "clients/b/z.h": '#include "clients/a/w.h"\n', "clients/a/w.h": ""})
        self.assertIn("include each other", found)

    def test_wants_a_source_to_include_its_own_header_first(self):
        found = self.only({"base/a.h": "", "base/b.h": "", "base/a.cc": '#include "base/b.h"\n#include "base/a.h"\n'})
        self.assertTrue(found.startswith("base/a.cc:1:"), found)


class Bans(unittest.TestCase):
    def test_each_rule_can_fail(self):
        wrong = {
            "thread": ("engine/a.cc", "std::thread worker(run);"),
            "async": ("engine/a.cc", "auto f = std::async(run);"),
            "clock": ("engine/a.cc", "auto now = std::chrono::system_clock::now();"),
            "random": ("engine/a.cc", "int x = rand() % 6;"),
            "openmp": ("index/a.cc", "#pragma omp parallel for"),
            "using-namespace": ("engine/a.h", "using namespace std;"),
            "todo": ("engine/a.cc", "// " + "TO" + "DO: finish"),
            "sleep": ("engine/a_test.cc", "std::this_thread::sleep_for(1ms);"),
            "vague-name": ("engine/a.h", "class SegmentManager {"),
            "assert": ("engine/a.cc", "  assert(x > 0);"),
            "printf": ("engine/a.cc", '  std::printf("x");'),
        }
        self.assertEqual(set(wrong), {ban.rule for ban in bans.BANS})
        for rule, (name, line) in wrong.items():
            found = bans.findings(tree_of({name: "\n" + line + "\n"}))
            self.assertEqual(len(found), 1, (rule, found))
            self.assertTrue(found[0].startswith(f"{name}:2: [{rule}]"), found)

    def test_accepts_what_only_resembles_a_ban(self):
        files = {
            "engine/a.cc": 'auto n = std::thread::hardware_concurrency();\nstd::string s = "std::thread(";\n'
                           "// std::thread( is for base only\noperand(1);\nRandom random(7);\nstatic_assert(true);\n",
            "base/executor.cc": "std::thread t(run);\n",
            "engine/b_test.cc": "using namespace lineal;\n",
            "engine/c.cc": "std::thread t;  // lint: allow(thread) the library wants one\n",
        }
        self.assertEqual(bans.findings(tree_of(files)), [])

    def test_wants_a_reason_for_an_exception(self):
        self.assertEqual(len(bans.findings(tree_of({"engine/c.cc": "std::thread t;  // lint: allow(thread)\n"}))), 1)

    def test_refuses_vague_file_names(self):
        for name in ("engine/shard/shard_utils.h", "engine/helpers.cc", "engine/common/a.h"):
            self.assertEqual(len(bans.findings(tree_of({name: ""}))), 1, name)


class Documents(unittest.TestCase):
    def test_finds_links_that_lead_nowhere(self):
        found = documents.findings(tree_of({"docs/a.md": "[x](b.md)\n[y](c.md#there)\n", "docs/c.md": "# Elsewhere\n"}))
        self.assertEqual(len(found), 2, found)
        self.assertTrue(found[0].startswith("docs/a.md:1:"), found)

    def test_accepts_links_that_lead_somewhere(self):
        files = {"README.md": "[x](docs/) [y](docs/c.md#over-there) [z](https://example.org) `[no](link)` \n",
                 "docs/c.md": "# Over there\n[up](../README.md)\n```\n[no](where)\n```\n", "link": ""}
        self.assertEqual(documents.findings(tree_of(files)), [])

    def test_finds_registry_addresses_in_lock_files(self):
        entry = '{"packages": {"node_modules/a": {"version": "1",\n"resolved": "https://registry/a.tgz", "integrity": "x"}}}'
        found = documents.findings(tree_of({"clients/package-lock.json": entry}))
        self.assertEqual(len(found), 1, found)
        self.assertIn(":2:", found[0])

    def test_wants_integrity_in_lock_files(self):
        found = documents.findings(tree_of({"package-lock.json": '{"packages": {"node_modules/a": {"version": "1"}}}'}))
        self.assertEqual(len(found), 1, found)


class Format(unittest.TestCase):
    def test_finds_a_source_that_is_not_formatted(self):
        files = {".clang-format": "BasedOnStyle: Google\n", "a.cc": "int  x ;\n", "b.cc": "int x;\n"}
        found = formatting.findings(tree_of(files))
        self.assertEqual(len(found), 1, found)
        self.assertIn("a.cc:1", found[0])


class Sizes(unittest.TestCase):
    def test_measures_a_function_from_its_name_to_its_brace(self):
        tree = tree_of({"a.cc": "int x = f(1);\n\nint Long(int a,\n         int b) {\n  return a;\n}\n"})
        self.assertEqual([(4, "a.cc", 3, "int Long(int a,")], sizes.longest_functions(tree))


if __name__ == "__main__":
    unittest.main()
