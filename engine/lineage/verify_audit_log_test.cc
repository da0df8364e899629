#include "engine/lineage/verify_audit_log.h"

#include <algorithm>
#include <functional>

#include "engine/lineage/audit_fixture.h"

namespace lineal::engine {
namespace {

using Strings = std::vector<std::string>;

class Acceptance27 : public ::testing::Test, protected AuditFixture {
 protected:
  void Fill(int entries) {
    for (int i = 0; i < entries; ++i) ASSERT_TRUE(SetAlias(StrCat("a", i % 7), StrCat("docs", i)).ok());
  }
  // What the verifier says of a record with any one of its bytes flipped.
  void FlipEach(const std::string& key, const std::function<void(const Strings&)>& check) {
    const std::string whole = meta_.records.at(key);
    for (size_t at = 0; at < whole.size(); ++at) {
      meta_.records[key][at] ^= 1;
      const Strings problems = Problems();
      ASSERT_FALSE(problems.empty()) << "byte " << at;
      check(problems);
      meta_.records[key] = whole;
    }
    EXPECT_EQ(Problems(), Strings());
  }
  // As somebody would who has the data and not the key: the log ends at `size` as if it always had.
  void CutTo(uint64_t size) {
    auto head = *ReadHead(&meta_);
    for (uint64_t i = size; i < head.size; ++i) {
      meta_.records.erase(LeafKey(i));
      meta_.records.erase(OpeningKey(i));
    }
    for (uint32_t level = 0; level < 40; ++level) {
      for (uint64_t i = size >> level; i <= head.size >> level; ++i) meta_.records.erase(NodeKey(level, i));
    }
    head.size = size;
    meta_.records[HeadChange(head).key] = *HeadChange(head).value;
  }
};

bool Names(const Strings& problems, const std::string& part) {
  return std::any_of(problems.begin(), problems.end(),
                     [&](const std::string& problem) { return problem.find(part) != std::string::npos; });
}

TEST_F(Acceptance27, AFlippedByteOfALeafIsNamedWithItsKindAndSubject) {
  Fill(20);
  for (const uint64_t index : {uint64_t{0}, uint64_t{5}, uint64_t{20}}) {
    FlipEach(LeafKey(index),
             [&](const Strings& problems) { EXPECT_TRUE(Names(problems, StrCat("leaf ", index))) << problems[0]; });
  }
  meta_.records[LeafKey(5)].back() ^= 1;
  EXPECT_EQ(Problems()[0], "audit log: leaf 5 (alias.set a4) was changed");
}

TEST_F(Acceptance27, AFlippedByteOfANodeIsNamed) {
  Fill(20);
  FlipEach(NodeKey(0, 3), [](const Strings& problems) {
    EXPECT_TRUE(Names(problems, "the stored hash of leaf 3 (alias.set a2) was changed")) << problems[0];
  });
  FlipEach(NodeKey(2, 1), [](const Strings& problems) {
    EXPECT_TRUE(Names(problems, "node 1 of level 2 is not the hash of its children")) << problems[0];
  });
}

TEST_F(Acceptance27, AFlippedByteOfABodyIsNamed) {
  Fill(20);
  FlipEach(OpeningKey(9), [](const Strings& problems) {
    EXPECT_EQ(problems, Strings{"audit log: the body of leaf 9 (alias.set a1) was changed"});
  });
}

TEST_F(Acceptance27, AFlippedByteOfARecordIsNamedWithTheEntryItContradicts) {
  Fill(20);
  FlipEach("alias/a3", [](const Strings& problems) {
    EXPECT_EQ(problems,
              Strings{"catalogue: the record alias/a3 is not what leaf 18 (alias.set a3) of the audit log says"});
  });
}

TEST_F(Acceptance27, RecordsThatWereRemovedBroughtBackOrMadeUpAreNamed) {
  Fill(20);
  ASSERT_TRUE(log_->Commit({{"alias.remove", "a0", "", Value()}}, {{"alias/a0", std::nullopt}}).ok());
  EXPECT_EQ(Problems(), Strings());
  meta_.records.erase("alias/a1");
  meta_.records["alias/a0"] = "docs";
  meta_.records["alias/mine"] = "docs";
  const Strings problems = Problems();
  EXPECT_EQ(problems.size(), 3u);
  EXPECT_TRUE(Names(problems, "alias/a1 is missing"));
  EXPECT_TRUE(Names(problems, "alias/a0 is there, which leaf 21 (alias.remove a0)"));
  EXPECT_TRUE(Names(problems, "alias/mine is in no entry"));
}

TEST_F(Acceptance27, ALeafThatIsMissingIsNamed) {
  Fill(20);
  meta_.records.erase(LeafKey(7));
  EXPECT_TRUE(Names(Problems(), "leaf 7 is missing"));
}

TEST_F(Acceptance27, DroppingTheLastThousandLeavesFailsAgainstAnOldCheckpoint) {
  Fill(1'500);
  const AuditCheckpoint old = Checkpoint();
  EXPECT_EQ(Problems({old}), Strings());
  CutTo(old.size - 1'000);
  // The records that the dropped entries told of are put back as well.
  for (int i = 0; i < 1'500; ++i) {
    if (i + 1 < static_cast<int>(old.size) - 1'000) meta_.records[StrCat("alias/a", i % 7)] = StrCat("docs", i);
  }
  EXPECT_EQ(Problems(), Strings()) << "nothing but the checkpoint can tell";
  EXPECT_TRUE(Names(Problems({old}), "the last 1000 were dropped"));
  // And neither can the log be made as long again.
  Open();
  Fill(2'000);
  const auto now = log_->CurrentRoot();
  const auto proof = audit_->ConsistencyProof(old.size, 0);
  ASSERT_TRUE(now.ok() && proof.ok());
  EXPECT_FALSE(VerifyConsistency({old.size, old.root}, {now->head.size, now->root}, proof->hashes));
  EXPECT_TRUE(Names(Problems({old}), StrCat("one of the leaves 0 to ", old.size - 1, " differs")));
}

TEST_F(Acceptance27, ALeafChangedTogetherWithAllAboveItFailsAgainstAnOldCheckpoint) {
  Fill(50);
  const AuditCheckpoint old = Checkpoint();
  Fill(10);
  meta_.records[LeafKey(11)][20] ^= 1;
  MerkleFrontier tree;
  std::vector<MerkleNode> made;
  for (uint64_t i = 0; i < log_->Head()->size; ++i) tree.Append(LeafHash(meta_.records.at(LeafKey(i))), &made);
  for (const MerkleNode& node : made) meta_.records[NodeKey(node.level, node.index)] = BytesOf(node.hash);
  EXPECT_FALSE(Names(Problems(), "leaf 11"));
  EXPECT_TRUE(Names(Problems({old}), StrCat("one of the leaves 0 to ", old.size - 1, " differs")));
}

TEST_F(Acceptance27, ManyCheckpointsSayBetweenWhichTwoSomethingChanged) {
  std::vector<AuditCheckpoint> kept;
  for (int i = 0; i < 5; ++i) {
    Fill(10);
    kept.push_back(Checkpoint());
  }
  meta_.records[LeafKey(kept[2].size + 3)][20] ^= 1;
  const Strings problems = Problems(kept);
  EXPECT_FALSE(Names(problems, StrCat("one of the leaves ", kept[1].size)));
  EXPECT_TRUE(Names(problems, StrCat("one of the leaves ", kept[2].size, " to ", kept[3].size - 1, " differs")));
}

TEST_F(Acceptance27, ACheckpointOfAnotherLogIsTold) {
  Fill(5);
  AuditCheckpoint other = Checkpoint();
  other.origin = "lineal/default/another";
  EXPECT_TRUE(Names(Problems({other}), "the checkpoint is of the log lineal/default/another"));
}

}  // namespace
}  // namespace lineal::engine
