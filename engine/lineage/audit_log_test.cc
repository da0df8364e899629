#include "engine/lineage/audit_log.h"

#include "base/base64.h"
#include "base/executor.h"
#include "engine/lineage/audit_fixture.h"
#include "engine/lineage/audit_leaf.h"
#include "engine/lineage/checkpoint.h"

namespace lineal::engine {
namespace {

using Strings = std::vector<std::string>;

class AuditLogTest : public ::testing::Test, protected AuditFixture {
 protected:
  // The kinds and subjects, after the entry that begins the log.
  Strings Said() {
    Strings said;
    const auto entries = audit_->Entries(1, 1'000);
    for (const LoggedEntry& entry : *entries) said.push_back(entry.kind + " " + entry.subject);
    return said;
  }
};

TEST_F(AuditLogTest, AnEntryAndItsChangeAreOneBatch) {
  ASSERT_TRUE(SetAlias("prod", "docs").ok());
  ASSERT_EQ(meta_.applied.size(), 1u);
  EXPECT_EQ(meta_.records.at("alias/prod"), "docs");
  const LoggedEntry entry = audit_->Entries(1, 10)->at(0);
  EXPECT_EQ(entry.index, 1u);
  EXPECT_EQ(entry.kind, "alias.set");
  EXPECT_EQ(entry.subject, "prod");
  EXPECT_EQ(entry.principal, "somebody");
  EXPECT_EQ(entry.wall_ms, clock_.WallMs());
  EXPECT_EQ(entry.body->Find("collection")->string(), "docs");
  EXPECT_EQ(Problems(), Strings());
}

TEST_F(AuditLogTest, ManyEntriesAreOneBatchAndTheirChangesTheirs) {
  std::vector<AuditEntry> entries;
  std::vector<storage::MetaStore::Change> changes;
  for (int i = 0; i < 100; ++i) {
    entries.push_back({"alias.set", StrCat(i), "", Value::EmptyObject()});
    changes.push_back({StrCat("alias/", i), "docs"});
  }
  ASSERT_TRUE(log_->Commit(entries, changes).ok());
  EXPECT_EQ(meta_.applied.size(), 1u);
  EXPECT_EQ(log_->Head()->size, 101u);
  EXPECT_EQ(Problems(), Strings());
  EXPECT_EQ(verified_.records, 100u);
}

TEST_F(AuditLogTest, GoesOnWhereItWasAfterItIsOpenedAgain) {
  for (int i = 0; i < 20; ++i) {
    ASSERT_TRUE(SetAlias(StrCat(i), "docs").ok());
    if (i % 3 == 0) Open();
  }
  EXPECT_EQ(log_->Head()->size, 21u);
  EXPECT_EQ(Problems(), Strings());
}

TEST_F(AuditLogTest, NoEntryIsLostOrDoubledWhenTheOutcomeOfACommitIsNotKnown) {
  using Failure = MetaStoreInMemory::Failure;
  ASSERT_TRUE(SetAlias("first", "docs").ok());
  Strings expected = {"alias.set first"};
  for (const Failure failure : {Failure::kNotDone, Failure::kDone, Failure::kDoneLater}) {
    const std::string name = StrCat("failed ", static_cast<int>(failure));
    meta_.next = failure;
    EXPECT_EQ(SetAlias(name, "docs").code(), absl::StatusCode::kUnavailable);
    if (failure != Failure::kNotDone) expected.push_back("alias.set " + name);
    ASSERT_TRUE(SetAlias("after " + name, "docs").ok());
    expected.push_back("alias.set after " + name);
    EXPECT_EQ(Said(), expected);
    EXPECT_EQ(Problems(), Strings());
  }
}

TEST_F(AuditLogTest, CommitsOfManyThreadsFollowEachOther) {
  constexpr size_t kThreads = 8, kEach = 50;
  Executor executor("commits", kThreads);
  executor.ParallelFor(kThreads, [&](size_t thread) {
    for (size_t i = 0; i < kEach; ++i) {
      EXPECT_TRUE(SetAlias(StrCat(thread, " ", i), "docs").ok());
      EXPECT_TRUE(log_->CurrentRoot().ok());
    }
  });
  executor.Stop();
  EXPECT_EQ(log_->Head()->size, 1 + kThreads * kEach);
  EXPECT_EQ(Problems(), Strings());
}

TEST_F(AuditLogTest, StaysInDoubtUntilTheCatalogueAnswers) {
  ASSERT_TRUE(SetAlias("first", "docs").ok());
  meta_.next = MetaStoreInMemory::Failure::kDoneLater;
  EXPECT_FALSE(SetAlias("second", "docs").ok());
  meta_.next = MetaStoreInMemory::Failure::kNotDone;
  EXPECT_FALSE(log_->CurrentRoot().ok());
  EXPECT_EQ(log_->Head()->size, 3u);
  EXPECT_EQ(Problems(), Strings());
}

TEST_F(AuditLogTest, AnAppendReadsNothingAndWritesTheNodesItCompletes) {
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(SetAlias("prod", StrCat(i)).ok());
  meta_.gets = 0;
  size_t most = 0;
  for (int i = 0; i < 24; ++i) {
    ASSERT_TRUE(SetAlias("prod", StrCat("then ", i)).ok());
    most = std::max(most, meta_.applied.back().size());
  }
  EXPECT_EQ(meta_.gets, 0u);
  // Leaf, opening, head and alias; and at 1,024 leaves a node of each level from 0 to 10.
  EXPECT_EQ(most, 4u + 11u);
}

TEST_F(AuditLogTest, NotesTheRecordsFromBeforeIt) {
  meta_.records = {{"alias/old", "docs"}, {"collection/docs", "its schema"}, {"next_shard", "7"}};
  ASSERT_TRUE(SetAlias("new", "docs").ok());
  EXPECT_EQ(Problems(), Strings());
  EXPECT_EQ(verified_.records, 3u);
  meta_.records["alias/old"] = "others";
  EXPECT_EQ(Problems().size(), 1u);
}

TEST_F(AuditLogTest, TimesOfEntriesDoNotGoBack) {
  ASSERT_TRUE(SetAlias("a", "docs").ok());
  clock_.AdvanceMs(-60'000);
  Open();
  ASSERT_TRUE(SetAlias("b", "docs").ok());
  const auto entries = *audit_->Entries(0, 10);
  EXPECT_EQ(entries[2].wall_ms, entries[1].wall_ms);
  EXPECT_EQ(Problems(), Strings());
}

TEST_F(AuditLogTest, ABodyCanBeDestroyedAndTheLogStaysVerifiable) {
  ASSERT_TRUE(SetAlias("prod", "docs").ok());
  const AuditCheckpoint before = Checkpoint();
  const std::string leaf = meta_.records.at(LeafKey(1));
  EXPECT_EQ(leaf.find("docs"), std::string::npos);
  meta_.records.erase(OpeningKey(1));
  EXPECT_EQ(Problems({before}), Strings());
  EXPECT_EQ(verified_.erased, 1u);
  const LoggedEntry entry = audit_->Entries(1, 1)->at(0);
  EXPECT_EQ(entry.kind, "alias.set");
  EXPECT_FALSE(entry.body.has_value());
}

TEST_F(AuditLogTest, EqualBodiesHaveDigestsThatDiffer) {
  ASSERT_TRUE(SetAlias("prod", "docs").ok());
  ASSERT_TRUE(SetAlias("prod", "docs").ok());
  EXPECT_NE(DecodeLeaf(meta_.records.at(LeafKey(1)))->opening, DecodeLeaf(meta_.records.at(LeafKey(2)))->opening);
}

TEST_F(AuditLogTest, ACheckpointIsSignedByTheKeyThatTheLogNames) {
  ASSERT_TRUE(SetAlias("prod", "docs").ok());
  const SignedCheckpoint made = *audit_->Checkpoint();
  const AuditKey key = *audit_->Key();
  const auto verifier = ParseVerifier(key.verifier);
  ASSERT_TRUE(verifier.ok()) << verifier.status();
  const auto opened = OpenCheckpoint(made.note, *verifier);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->origin, key.name);
  EXPECT_EQ(opened->size, 3u);
  EXPECT_EQ(opened->root, log_->CurrentRoot()->root);
  EXPECT_EQ(opened->wall_ms, clock_.WallMs());
  const LoggedEntry last = audit_->Entries(2, 1)->at(0);
  EXPECT_EQ(last.kind, "log.key");
  EXPECT_EQ(last.body->Find("public_key")->string(), Base64(std::string(key.key.begin(), key.key.end())));
  // It is the same key ever after, and said once.
  Open();
  EXPECT_EQ(audit_->Key()->verifier, key.verifier);
  EXPECT_EQ(Checkpoint().size, 3u);
}

TEST_F(AuditLogTest, AnotherKeyIsSaidInTheLog) {
  const AuditKey first = *audit_->Key();
  ASSERT_TRUE(PosixFileSystem()->Remove(directory_.Sub("keys/audit.key")).ok());
  Open();
  EXPECT_NE(audit_->Key()->verifier, first.verifier);
  EXPECT_EQ(Said(), (Strings{"log.key ", "log.key "}));
}

TEST_F(AuditLogTest, ProofsHoldAgainstCheckpoints) {
  std::vector<AuditCheckpoint> kept;
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(SetAlias(StrCat(i), "docs").ok());
    kept.push_back(Checkpoint());
  }
  const AuditCheckpoint& now = kept.back();
  for (uint64_t index = 0; index < now.size; ++index) {
    const AuditProof proof = *audit_->InclusionProof(index, 0);
    EXPECT_EQ(proof.leaf, LeafHash(audit_->Entries(index, 1)->at(0).leaf));
    EXPECT_TRUE(VerifyInclusion(proof.leaf, index, now.size, proof.hashes, now.root));
  }
  for (const AuditCheckpoint& older : kept) {
    const AuditProof proof = *audit_->ConsistencyProof(older.size, now.size);
    EXPECT_TRUE(VerifyConsistency({older.size, older.root}, {now.size, now.root}, proof.hashes));
  }
  EXPECT_EQ(audit_->InclusionProof(now.size, 0).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(audit_->InclusionProof(0, now.size + 1).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(audit_->ConsistencyProof(5, 4).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace lineal::engine
