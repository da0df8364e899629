#include "engine/database/local_database.h"
#include "engine/database/database_fixture.h"

#include <cstdlib>
#include <filesystem>

#include "base/random.h"
#include "base/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace lineal::engine {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class LocalDatabaseTest : public ::testing::Test, protected DatabaseFixture {
 protected:
  LocalDatabaseTest() {
    options_.clock = &clock_;
    Open();
  }

  static CollectionSchema Schema(uint32_t dim = 4, Metric metric = Metric::kEuclid) {
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = dim, .metric = metric};
    return schema;
  }
  std::shared_ptr<Collection> Get(const std::string& name = "docs") {
    auto collection = database_->GetCollection(name);
    EXPECT_TRUE(collection.ok()) << collection.status();
    return *collection;
  }
  static PointInput Point(uint64_t id, std::vector<float> vector, Value payload = nullptr) {
    return PointInput{PointId::Number(id), {{"", std::move(vector)}}, std::move(payload)};
  }
  static Value Tagged(const char* tag) { return Value(Value::Object{{"tag", Value(tag)}}); }
  static Filter TagIs(const char* tag) {
    Filter filter;
    filter.must.push_back(Condition{FieldCondition{"tag", MatchValue{std::string(tag)}}});
    return filter;
  }
  Seq Write(WriteOp op) {
    auto result = Get()->Write(WriteRequest{.ops = {std::move(op)}});
    EXPECT_TRUE(result.ok()) << result.status();
    return result.ok() ? Seq{result->operation_id} : kNoSeq;
  }
  std::vector<uint64_t> Search(std::vector<float> query, Filter filter = {}, std::vector<Seq> as_of = {},
                               uint64_t limit = 10) {
    SearchRequest request;
    request.query = std::move(query);
    request.filter = std::move(filter);
    request.limit = limit;
    request.read.as_of_seq = std::move(as_of);
    auto found = Get()->Search(request);
    EXPECT_TRUE(found.ok()) << found.status();
    std::vector<uint64_t> ids;
    if (found.ok()) {
      for (const ScoredPoint& point : *found) ids.push_back(point.point.id.number());
    }
    return ids;
  }
  uint64_t Count(Filter filter = {}, std::vector<Seq> as_of = {}) {
    CountRequest request;
    request.filter = std::move(filter);
    request.read.as_of_seq = std::move(as_of);
    auto count = Get()->Count(request);
    EXPECT_TRUE(count.ok()) << count.status();
    return count.value_or(~uint64_t{0});
  }
};

TEST_F(LocalDatabaseTest, FindsTheNearestOfWhatWasWritten) {
  ASSERT_TRUE(database_->CreateCollection("docs", Schema()).ok());
  Write(UpsertPoints{{Point(1, {0, 0, 0, 1}), Point(2, {0, 0, 0, 2}), Point(3, {0, 0, 0, 3})}});
  EXPECT_THAT(Search({0, 0, 0, 2.9f}), ElementsAre(3, 2, 1));
}

TEST_F(LocalDatabaseTest, KeepsEverythingOverARestart) {
  ASSERT_TRUE(database_->CreateCollection("docs", Schema()).ok());
  Write(UpsertPoints{{Point(1, {1, 0, 0, 0}, Tagged("a")), Point(2, {2, 0, 0, 0}, Tagged("b"))}});
  Write(DeletePoints{std::vector<PointId>{PointId::Number(1)}});
  ASSERT_TRUE(database_->ChangeAliases({CreateAlias{"papers", {.collection = "docs"}}}, "").ok());
  Open();
  EXPECT_THAT(Search({0, 0, 0, 0}), ElementsAre(2));
  EXPECT_EQ(Count(TagIs("b")), 1u);
  EXPECT_EQ(Count(), 1u);
  EXPECT_TRUE(database_->GetCollection("papers").ok());
}

TEST_F(LocalDatabaseTest, ReadsAnOlderSeqAsItWas) {
  ASSERT_TRUE(database_->CreateCollection("docs", Schema()).ok());
  const Seq first = Write(UpsertPoints{{Point(1, {1, 0, 0, 0}, Tagged("old")), Point(2, {2, 0, 0, 0})}});
  const Seq second = Write(UpsertPoints{{Point(1, {9, 0, 0, 0}, Tagged("new"))}});
  const Seq third = Write(DeletePoints{std::vector<PointId>{PointId::Number(2)}});
  Write(SetPayload{std::vector<PointId>{PointId::Number(1)}, Tagged("newest"), ""});

  EXPECT_THAT(Search({0, 0, 0, 0}, {}, {first}), ElementsAre(1, 2));
  EXPECT_THAT(Search({0, 0, 0, 0}, {}, {second}), ElementsAre(2, 1));
  EXPECT_THAT(Search({0, 0, 0, 0}, {}, {third}), ElementsAre(1));
  EXPECT_EQ(Count(TagIs("old"), {first}), 1u);
  EXPECT_EQ(Count(TagIs("old"), {second}), 0u);
  EXPECT_EQ(Count(TagIs("new"), {third}), 1u);
  EXPECT_EQ(Count(TagIs("newest")), 1u);
  EXPECT_EQ(Count({}, {first}), 2u);
}

TEST_F(LocalDatabaseTest, DoesAllOfAnOrderedBatchOrNothing) {
  ASSERT_TRUE(database_->CreateCollection("docs", Schema()).ok());
  Write(UpsertPoints{{Point(1, {1, 0, 0, 0})}});
  WriteRequest request;
  request.ops.push_back(UpsertPoints{{Point(2, {2, 0, 0, 0})}});
  request.ops.push_back(SetPayload{std::vector<PointId>{PointId::Number(77)}, Tagged("x"), ""});
  auto result = Get()->Write(std::move(request));
  EXPECT_TRUE(absl::IsNotFound(result.status())) << result.status();
  EXPECT_EQ(Count(), 1u);
  Open();
  EXPECT_EQ(Count(), 1u);
}

TEST_F(LocalDatabaseTest, AppliesAFilterToWhatTheSameBatchWroteBefore) {
  ASSERT_TRUE(database_->CreateCollection("docs", Schema()).ok());
  Write(UpsertPoints{{Point(1, {1, 0, 0, 0}, Tagged("a")), Point(2, {2, 0, 0, 0}, Tagged("b"))}});
  WriteRequest request;
  request.ops.push_back(UpsertPoints{{Point(3, {3, 0, 0, 0}, Tagged("a")), Point(1, {1, 0, 0, 0}, Tagged("b"))}});
  request.ops.push_back(DeletePoints{TagIs("a")});
  ASSERT_TRUE(Get()->Write(std::move(request)).ok());
  EXPECT_THAT(Search({0, 0, 0, 0}), ElementsAre(1, 2));
}

TEST_F(LocalDatabaseTest, GivesARepeatedRequestItsFirstOutcome) {
  ASSERT_TRUE(database_->CreateCollection("docs", Schema()).ok());
  auto request = [] { return WriteRequest{.ops = {UpsertPoints{{Point(1, {1, 0, 0, 0})}}}, .request_id = "r-1"}; };
  auto first = Get()->Write(request());
  ASSERT_TRUE(first.ok());
  Write(DeletePoints{std::vector<PointId>{PointId::Number(1)}});
  auto again = Get()->Write(request());
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->operation_id, first->operation_id);
  EXPECT_EQ(Count(), 0u);
}

TEST_F(LocalDatabaseTest, RefusesWhatDoesNotFitAndChangesNothing) {
  ASSERT_TRUE(database_->CreateCollection("docs", Schema(4, Metric::kCosine)).ok());
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const std::vector<float>& bad : {std::vector<float>{1, 2, 3}, {1, 2, 3, nan}, {0, 0, 0, 0}}) {
    auto result = Get()->Write(WriteRequest{.ops = {UpsertPoints{{Point(5, {1, 1, 1, 1}), Point(6, bad)}}}});
    EXPECT_EQ(result.status().code(), absl::StatusCode::kInvalidArgument);
  }
  EXPECT_EQ(Count(), 0u);
  EXPECT_THAT(std::string(MessageOf(database_->CreateCollection("docs", Schema()))), HasSubstr("already exists"));
  EXPECT_THAT(std::string(MessageOf(database_->GetCollection("nope").status())), HasSubstr("doesn't exist"));
}

class GrownDatabaseTest : public LocalDatabaseTest {
 protected:
  static constexpr uint64_t kRows = 3'000;
  static std::vector<float> VectorOf(uint64_t id, uint64_t salt = 0) {
    Random random(id * 1000 + salt);
    std::vector<float> vector(8);
    for (float& x : vector) x = static_cast<float>(random.Gaussian());
    return vector;
  }
  void Fill(uint64_t salt = 0) {
    for (uint64_t begin = 0; begin < kRows; begin += 500) {
      UpsertPoints op;
      for (uint64_t id = begin; id < begin + 500; ++id) {
        op.points.push_back(Point(id, VectorOf(id, salt), Tagged(id % 10 == 0 ? "tenth" : "other")));
      }
      Write(std::move(op));
    }
  }
  void CreateSmallSegments() {
    CollectionSchema schema = Schema(8);
    schema.optimizer.growing_rows_max = 700;
    schema.optimizer.indexing_threshold_kb = 1;
    schema.optimizer.history_window_s = 60;
    schema.fields["tag"] = FieldSchema{.type = FieldType::kKeyword};
    ASSERT_TRUE(database_->CreateCollection("docs", schema).ok());
  }
  void Optimize() {
    absl::Status status = database_->OptimizeToEnd("docs");
    ASSERT_TRUE(status.ok()) << status;
  }
  int SelfHits(uint64_t salt = 0) {
    int hits = 0;
    for (uint64_t id = 0; id < kRows; id += 7) {
      auto found = Search(VectorOf(id, salt), {}, {}, 1);
      hits += !found.empty() && found[0] == id;
    }
    return hits;
  }
};

TEST_F(GrownDatabaseTest, FindsEveryPointAfterSealingMergingAndRestart) {
  CreateSmallSegments();
  Fill();
  const int all = static_cast<int>((kRows + 6) / 7);
  EXPECT_EQ(SelfHits(), all);
  Optimize();
  EXPECT_GE(SelfHits(), all - 1);
  auto info = Get()->Info();
  ASSERT_TRUE(info.ok());
  EXPECT_GT(info->indexed_vectors, 2'000u);
  EXPECT_LE(info->segments.size(), 4u);
  EXPECT_EQ(Count(TagIs("tenth")), kRows / 10);
  Open();
  EXPECT_GE(SelfHits(), all - 1);
  EXPECT_EQ(Count(TagIs("tenth")), kRows / 10);
  EXPECT_EQ(Count(), kRows);
}

TEST_F(GrownDatabaseTest, VacuumsReplacedRowsAndStillReadsThemWithinTheWindow) {
  CreateSmallSegments();
  Fill(0);
  Optimize();
  auto before = Get()->Info();
  ASSERT_TRUE(before.ok());
  const Seq old = before->seqs[0];
  Fill(1);
  Optimize();
  EXPECT_GE(SelfHits(1), static_cast<int>((kRows + 6) / 7) - 1);
  // Within the window, the old state is still there, exactly.
  for (uint64_t id = 0; id < kRows; id += 501) {
    SearchRequest request;
    request.query = VectorOf(id, 0);
    request.limit = 1;
    request.exact = true;
    request.read.as_of_seq = {old};
    auto found = Get()->Search(request);
    ASSERT_TRUE(found.ok()) << found.status();
    ASSERT_EQ(found->size(), 1u);
    EXPECT_EQ((*found)[0].point.id.number(), id);
    EXPECT_NEAR((*found)[0].score, 0.0f, 1e-3f);
  }
  EXPECT_EQ(Count({}, {old}), kRows);
  // After it, the old rows are gone and the seq is refused.
  clock_.AdvanceMs(120'000);
  Write(UpsertPoints{{Point(0, VectorOf(0, 1))}});
  clock_.AdvanceMs(120'000);
  Optimize();
  CountRequest request;
  request.read.as_of_seq = {old};
  EXPECT_EQ(Get()->Count(request).status().code(), absl::StatusCode::kInvalidArgument);
  auto after = Get()->Info();
  ASSERT_TRUE(after.ok());
  for (const SegmentInfo& segment : after->segments) EXPECT_NE(segment.kind, "history");
  EXPECT_EQ(Count(), kRows);
  Open();
  EXPECT_EQ(Count(), kRows);
  EXPECT_GE(SelfHits(1), static_cast<int>((kRows + 6) / 7) - 1);
}

TEST_F(GrownDatabaseTest, RebuildsWhatIsMissingOrDamaged) {
  CreateSmallSegments();
  Fill();
  Optimize();
  database_.reset();
  int damaged = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(directory_.Sub("data/shards"))) {
    const std::string name = entry.path().filename();
    if (name.starts_with("graph-")) std::filesystem::remove(entry.path());
    if (name.starts_with("vectors-") && damaged++ == 0) std::filesystem::resize_file(entry.path(), 100);
  }
  ASSERT_GT(damaged, 0);
  Open();
  EXPECT_EQ(Count(), kRows);
  EXPECT_EQ(SelfHits(), static_cast<int>((kRows + 6) / 7));
  Optimize();
  EXPECT_GE(SelfHits(), static_cast<int>((kRows + 6) / 7) - 1);
  EXPECT_EQ(Count(TagIs("tenth")), kRows / 10);
}

TEST_F(GrownDatabaseTest, SeesPayloadChangesOfSealedRowsThroughTheIndex) {
  CreateSmallSegments();
  Fill();
  Optimize();
  const Seq before = (*Get()->Info()).seqs[0];
  Write(SetPayload{TagIs("tenth"), Tagged("changed"), ""});
  EXPECT_EQ(Count(TagIs("tenth")), 0u);
  EXPECT_EQ(Count(TagIs("changed")), kRows / 10);
  EXPECT_EQ(Count(TagIs("tenth"), {before}), kRows / 10);
  Open();
  EXPECT_EQ(Count(TagIs("tenth")), 0u);
  EXPECT_EQ(Count(TagIs("changed")), kRows / 10);
  EXPECT_EQ(Count(TagIs("tenth"), {before}), kRows / 10);
}

TEST_F(GrownDatabaseTest, RollsDeathsAndPayloadChangesForwardAfterAKill) {
  CreateSmallSegments();
  Fill();
  Optimize();
  Write(DeletePoints{TagIs("tenth")});
  Write(SetPayload{std::vector{PointId::Number(1)}, Tagged("changed"), ""});
  {
    auto collection = Get();
    for (const auto& shard : static_cast<LocalCollection*>(collection.get())->shards()) {
      ASSERT_TRUE(shard->store().Flush().ok());
    }
  }
  // What a kill leaves behind: data that is further than the manifest.
  const std::filesystem::path data = directory_.Sub("data");
  const std::filesystem::path killed = directory_.Sub("killed");
  std::filesystem::copy(data, killed, std::filesystem::copy_options::recursive);
  database_.reset();
  std::filesystem::remove_all(data);
  std::filesystem::rename(killed, data);
  Open();
  EXPECT_EQ(Count(), kRows - kRows / 10);
  EXPECT_EQ(Count(TagIs("tenth")), 0u);
  EXPECT_EQ(Count(TagIs("changed")), 1u);
  SearchRequest request;
  request.query = VectorOf(0);
  request.limit = kRows;
  request.exact = true;
  auto found = Get()->Search(request);
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(found->size(), kRows - kRows / 10);
}

TEST_F(GrownDatabaseTest, BelievesItsPayloadIndexesAgainAfterTheWindow) {
  CreateSmallSegments();
  Fill();
  Optimize();
  Write(SetPayload{Filter{}, Tagged("changed"), ""});
  clock_.AdvanceMs(120'000);
  Write(UpsertPoints{{Point(0, VectorOf(0), Tagged("tenth"))}});
  Optimize();
  clock_.AdvanceMs(120'000);
  Optimize();
  auto database = Get();
  for (const auto& shard : static_cast<LocalCollection*>(database.get())->shards()) {
    for (const auto& segment : *shard->segments()) {
      if (segment->kind() != SegmentKind::kSealed) continue;
      EXPECT_EQ(segment->stale().count(), 0u);
    }
  }
  EXPECT_EQ(Count(TagIs("changed")), kRows - 1);
  EXPECT_EQ(Count(TagIs("tenth")), 1u);
}

TEST_F(LocalDatabaseTest, AddsAndDropsVectorsAndIndexesOfALiveCollection) {
  ASSERT_TRUE(database_->CreateCollection("docs", Schema()).ok());
  Write(UpsertPoints{{Point(1, {1, 0, 0, 0}, Tagged("a"))}});
  SchemaChange change;
  change.add_vectors["image"] = VectorSchema{.dim = 2, .metric = Metric::kDot};
  change.add_fields["tag"] = FieldSchema{};
  ASSERT_TRUE(database_->AlterCollection("docs", change).ok());
  Write(UpdateVectors{{PointInput{PointId::Number(1), {{"image", {3, 4}}}, nullptr}}});
  SearchRequest request;
  request.vector_name = "image";
  request.query = std::vector<float>{1, 1};
  request.with_vector.mode = VectorSelector::Mode::kAll;
  auto found = Get()->Search(request);
  ASSERT_TRUE(found.ok()) << found.status();
  ASSERT_EQ(found->size(), 1u);
  EXPECT_FLOAT_EQ((*found)[0].score, 7.0f);
  EXPECT_EQ((*found)[0].point.vectors.size(), 2u);
  EXPECT_EQ(Count(TagIs("a")), 1u);
  SchemaChange drop;
  drop.drop_vectors = {"image"};
  ASSERT_TRUE(database_->AlterCollection("docs", drop).ok());
  EXPECT_FALSE(Get()->Search(request).ok());
  Open();
  EXPECT_THAT(Search({0, 0, 0, 0}), ElementsAre(1));
}

TEST_F(LocalDatabaseTest, ScrollsInIdOrderOverShards) {
  CollectionSchema schema = Schema();
  schema.shard_count = 3;
  ASSERT_TRUE(database_->CreateCollection("docs", schema).ok());
  UpsertPoints op;
  for (uint64_t id = 1; id <= 50; ++id) op.points.push_back(Point(id, {float(id), 0, 0, 0}));
  op.points.push_back(PointInput{PointId::Uuid(1, 2), {{"", {1, 1, 1, 1}}}, nullptr});
  Write(std::move(op));
  std::vector<PointId> seen;
  ScrollRequest request;
  request.limit = 7;
  do {
    auto page = Get()->Scroll(request);
    ASSERT_TRUE(page.ok()) << page.status();
    for (const PointRecord& point : page->points) seen.push_back(point.id);
    request.offset = page->next_offset;
  } while (request.offset);
  ASSERT_EQ(seen.size(), 51u);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end()));
  EXPECT_TRUE(seen.back().is_uuid());
  EXPECT_EQ(Count(), 51u);
}

TEST_F(LocalDatabaseTest, GivesBackADroppedCollectionsDisk) {
  ASSERT_TRUE(database_->CreateCollection("docs", Schema()).ok());
  Write(UpsertPoints{{Point(1, {1, 0, 0, 0})}});
  auto held = Get();
  auto dropped = database_->DropCollection("docs");
  ASSERT_TRUE(dropped.ok()) << dropped.status();
  EXPECT_TRUE(*dropped);
  EXPECT_TRUE(absl::IsNotFound(held->Count({}).status()));
  EXPECT_TRUE(std::filesystem::is_empty(directory_.Sub("data/shards")));
  EXPECT_FALSE(*database_->DropCollection("docs"));
}

TEST_F(LocalDatabaseTest, RestoresABackupUnderAnotherName) {
  ASSERT_TRUE(database_->CreateCollection("docs", Schema()).ok());
  Write(UpsertPoints{{Point(1, {1, 0, 0, 0}, Tagged("a"))}});
  ASSERT_TRUE(database_->BackupCollection("docs", directory_.Sub("backup")).ok());
  Write(UpsertPoints{{Point(2, {2, 0, 0, 0})}});
  absl::Status status = database_->RestoreCollection("copy", directory_.Sub("backup"));
  ASSERT_TRUE(status.ok()) << status;
  auto count = Get("copy")->Count({});
  EXPECT_EQ(count.value_or(0), 1u);
  ASSERT_TRUE(Get("copy")->Write(WriteRequest{.ops = {UpsertPoints{{Point(9, {9, 0, 0, 0})}}}}).ok());
  Open();
  EXPECT_EQ(Get("copy")->Count({}).value_or(0), 2u);
  EXPECT_EQ(Count(), 2u);
}

TEST_F(LocalDatabaseTest, RefusesASecondProcessAndAForeignDirectory) {
  DatabaseOptions options;
  options.directory = directory_.Sub("data");
  EXPECT_EQ(LocalDatabase::Open(options).status().code(), absl::StatusCode::kFailedPrecondition);
  std::filesystem::create_directories(directory_.Sub("foreign"));
  ASSERT_TRUE(PosixFileSystem()->WriteAtomically(directory_.Sub("foreign/photo.jpg"), "x").ok());
  options.directory = directory_.Sub("foreign");
  EXPECT_THAT(std::string(MessageOf(LocalDatabase::Open(options).status())), HasSubstr("photo.jpg"));
}

}  // namespace
}  // namespace lineal::engine
