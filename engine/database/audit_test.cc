#include <algorithm>

#include "base/status.h"
#include "engine/database/database_fixture.h"
#include "engine/lineage/audit_records.h"
#include "storage/faults/fake_space.h"

namespace lineal::engine {
namespace {

using Strings = std::vector<std::string>;

// The log of a whole database, and its data directory edited behind its back.
class AuditOfADatabase : public ::testing::Test, protected DatabaseFixture {
 protected:
  AuditOfADatabase() {
    options_.clock = &clock_;
    Open();
  }
  void Make(const std::string& name) {
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = 2, .metric = Metric::kDot};
    ASSERT_TRUE(database_->CreateCollection(name, schema).ok());
  }
  Audit& audit() { return (*database_->lineage())->audit(); }
  Strings Said() {
    const auto entries = audit().Entries(1, 1'000);
    Strings said;
    for (const LoggedEntry& entry : *entries) said.push_back(entry.kind + " " + entry.subject);
    return said;
  }
  // Changes the record through the catalogue's own code, as an editor of files would who keeps every checksum right.
  void Edit(const std::string& key, const std::function<void(std::string*)>& edit) {
    database_.reset();
    auto resources = storage::RocksResources::Create(options_.directory, PosixFileSystem(), {});
    ASSERT_TRUE(resources.ok());
    auto log = storage::ChangeLog::Open(options_.directory + "/log", resources->get(), &clock_, {});
    ASSERT_TRUE(log.ok());
    auto meta = storage::LocalMetaStore::Open(options_.directory + "/system", resources->get(), log->get());
    ASSERT_TRUE(meta.ok());
    std::string value = (*meta)->Get(key)->value();
    edit(&value);
    ASSERT_TRUE((*meta)->Apply({{key, value}}).ok());
    meta->reset();
    (*log)->Close();
  }
  Strings Problems() {
    database_.reset();
    Strings problems;
    const absl::Status looked =
        VerifyDirectory(options_, [&](const std::string& problem) { problems.push_back(problem); });
    EXPECT_TRUE(looked.ok()) << looked;
    return problems;
  }
};

TEST_F(AuditOfADatabase, HasAnEntryForEveryChangeOfTheCatalogue) {
  Make("c");
  ASSERT_TRUE(
      database_->ChangeAliases({CreateAlias{"a", {.collection = "c"}}, CreateAlias{"b", {.collection = "c"}}}, "")
          .ok());
  ASSERT_TRUE(database_->ChangeAliases({RenameAlias{"a", "z"}}, "").ok());
  ASSERT_TRUE(database_->AlterCollection("c", {.search = SearchConfig{.recall_target = 0.5}}).ok());
  ASSERT_TRUE(Get()->MakeRevision("", "somebody").ok());
  ASSERT_TRUE(Get()->Tag("v1", 1, "somebody").ok());
  ASSERT_TRUE(*Get()->Untag("v1", ""));
  Make("d");
  ASSERT_TRUE(*database_->DropCollection("c"));
  EXPECT_EQ(Said(), (Strings{"collection.create c", "alias.set a", "alias.set b", "alias.remove a", "alias.set z",
                             "collection.alter c", "revision.make c", "tag.set c/v1", "tag.remove c/v1",
                             "collection.create d", "alias.remove b", "alias.remove z", "collection.drop c"}));
  EXPECT_EQ(audit().Entries(8, 1)->at(0).principal, "somebody");
  EXPECT_EQ(Problems(), Strings());
}

TEST_F(AuditOfADatabase, HasNoEntryForWhatWasRefused) {
  Make("c");
  const size_t before = Said().size();
  EXPECT_FALSE(database_->CreateCollection("c", {}).ok());
  EXPECT_FALSE(
      database_->ChangeAliases({CreateAlias{"a", {.collection = "c"}}, CreateAlias{"b", {.collection = "none"}}}, "")
          .ok());
  EXPECT_FALSE(*database_->DropCollection("none"));
  EXPECT_FALSE(Get()->Tag("v1", 9, "").ok());
  EXPECT_FALSE(*Get()->Untag("v1", ""));
  EXPECT_EQ(Said().size(), before);
}

TEST_F(AuditOfADatabase, GoesOnAfterARestart) {
  Make("c");
  const auto before = audit().Checkpoint();
  Open();
  Make("d");
  const auto after = audit().Checkpoint();
  ASSERT_TRUE(before.ok() && after.ok());
  EXPECT_EQ(after->checkpoint.origin, before->checkpoint.origin);
  EXPECT_EQ(after->checkpoint.size, before->checkpoint.size + 1);
  EXPECT_EQ(Problems(), Strings());
}

TEST_F(AuditOfADatabase, ACopyThatIsRestoredIsInTheLog) {
  Make("c");
  ASSERT_TRUE(database_->BackupCollection("c", directory_.Sub("copy")).ok());
  ASSERT_TRUE(database_->RestoreCollection("again", directory_.Sub("copy")).ok());
  EXPECT_EQ(Said().back(), "collection.restore again");
  EXPECT_EQ(Problems(), Strings());
}

TEST_F(AuditOfADatabase, OnAFullDiskRefusesEntriesAndLetsCollectionsBeDropped) {
  constexpr uint64_t kReserve = 1 << 20;
  storage::FakeSpaceFileSystem files(PosixFileSystem(), {.total_bytes = 1ull << 40, .free_bytes = 1ull << 40});
  options_.file_system = &files;
  options_.resources.disk_reserve_bytes = kReserve;
  Open();
  Make("c");
  Make("d");
  database_.reset();
  files.SetFree(kReserve);
  Open();
  const absl::Status refused = database_->ChangeAliases({CreateAlias{"a", {.collection = "d"}}}, "");
  EXPECT_EQ(KindOf(refused), ErrorKind::kDiskFull) << refused;
  const auto dropped = database_->DropCollection("c");
  ASSERT_TRUE(dropped.ok()) << dropped.status();
  EXPECT_EQ(Said(), (Strings{"collection.create c", "collection.create d", "collection.drop c"}));
  EXPECT_EQ(Problems(), Strings());
  options_.file_system = nullptr;
}

struct Edited {
  const char* name;
  std::string key;
  const char* named;
};
class Acceptance27 : public AuditOfADatabase, public ::testing::WithParamInterface<Edited> {};

TEST_P(Acceptance27, ARecordEditedOfflineIsNamed) {
  Make("c");
  Make("d");
  ASSERT_TRUE(database_->ChangeAliases({CreateAlias{"prod", {.collection = "c"}}}, "").ok());
  ASSERT_TRUE(Get()->Tag("v1", 0, "").ok());
  EXPECT_EQ(Problems(), Strings());
  Edit(GetParam().key, [](std::string* value) { value->back() ^= 1; });
  const Strings problems = Problems();
  EXPECT_TRUE(std::any_of(problems.begin(), problems.end(), [&](const std::string& problem) {
    return problem.find(GetParam().named) != std::string::npos;
  })) << (problems.empty() ? "nothing" : problems[0]);
}

const Edited kEdited[] = {
    {"Alias", "alias/prod", "record alias/prod is not what leaf 3 (alias.set prod)"},
    {"Collection", "collection/d", "record collection/d is not what leaf 2 (collection.create d)"},
    {"Revision", std::string("version/\0\0\0\1/r/\0\0\0\0\0\0\0\1", 23), "is not what leaf 5 (tag.set c/v1)"},
    {"Leaf", LeafKey(3), "leaf 3 (alias.set prod) was changed"},
    {"Body", OpeningKey(3), "the body of leaf 3 (alias.set prod) was changed"},
    {"Node", NodeKey(1, 1), "node 1 of level 1 is not the hash of its children"},
};
INSTANTIATE_TEST_SUITE_P(Offline, Acceptance27, ::testing::ValuesIn(kEdited),
                         [](const auto& info) { return info.param.name; });

}  // namespace
}  // namespace lineal::engine
