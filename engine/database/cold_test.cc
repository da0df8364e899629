// Cold vectors: rows are read from disk, few a search, and little of them stays in memory.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <set>

#include <unistd.h>

#include "base/io.h"
#include "base/random.h"
#include "engine/database/database_fixture.h"
#include "engine/database/local_collection.h"
#include "engine/database/local_database.h"
#include "gtest/gtest.h"
#include "storage/faults/fault_file_system.h"

namespace lineal::engine {
namespace {

constexpr size_t kQueries = 40, kClusters = 50, kAxes = 16;

struct Shape {
  uint32_t dim;
  uint64_t points;
  uint64_t growing_rows_max;
  VectorMemory memory;
};

class ColdTest : public ::testing::Test, protected DatabaseFixture {
 protected:
  explicit ColdTest(const Shape& shape = {32, 4'000, 1'000, VectorMemory::kCold}) : shape_(shape) {
    Random random(3);
    for (size_t i = 0; i < kClusters; ++i) centres_.push_back(Gaussians(&random, 1));
    for (size_t i = 0; i < kClusters * kAxes; ++i) axes_.push_back(Gaussians(&random, 0.25f));
    Open();
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = shape.dim, .metric = Metric::kCosine, .memory = shape.memory};
    schema.optimizer.growing_rows_max = shape.growing_rows_max;
    schema.optimizer.indexing_threshold_kb = 1;
    schema.optimizer.history_window_s = 0;
    schema.fields["part"] = FieldSchema{};
    EXPECT_TRUE(database_->CreateCollection("c", schema).ok());
    // One more than growing segments hold, so that all but it are sealed.
    Put(0, shape.points + 1);
    EXPECT_TRUE(database_->OptimizeToEnd("c").ok());
  }

  std::vector<float> Gaussians(Random* random, float deviation) const {
    std::vector<float> values(shape_.dim);
    for (float& x : values) x = deviation * static_cast<float>(random->Gaussian());
    return values;
  }
  // Around one of the centres: along a few axes and, a little, everywhere, as embeddings of like texts lie.
  std::vector<float> Draw(uint64_t seed) const {
    Random random(seed + 1);
    const size_t cluster = random.Below(kClusters);
    std::vector<float> values = Gaussians(&random, 0.1f);
    for (size_t i = 0; i < values.size(); ++i) values[i] += centres_[cluster][i];
    for (size_t axis = 0; axis < kAxes; ++axis) {
      const auto along = 0.5f * static_cast<float>(random.Gaussian());
      const std::vector<float>& direction = axes_[cluster * kAxes + axis];
      for (size_t i = 0; i < values.size(); ++i) values[i] += along * direction[i];
    }
    return values;
  }
  void Put(uint64_t begin, uint64_t end) {
    for (; begin < end; begin += 1'000) {
      UpsertPoints op;
      for (uint64_t id = begin; id < std::min(end, begin + 1'000); ++id) {
        Value payload = Value::EmptyObject();
        payload.Set("part", Value(std::string(id % 10 == 0 ? "tenth" : "rest")));
        op.points.push_back(PointInput{PointId::Number(id), {{"", Draw(id)}}, std::move(payload)});
      }
      ASSERT_TRUE(Get()->Write(WriteRequest{.ops = {std::move(op)}}).ok());
    }
  }
  void SetMemory(VectorMemory memory) {
    SchemaChange change;
    change.vector_memory[""] = memory;
    ASSERT_TRUE(database_->AlterCollection("c", change).ok());
    ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  }

  absl::StatusOr<std::vector<ScoredPoint>> Search(uint64_t query, bool exact, const Filter& filter = {},
                                                  std::shared_ptr<SearchExplain> explain = nullptr) {
    SearchRequest request;
    request.query = Draw(1'000'000 + query);
    request.limit = 10;
    request.exact = exact;
    request.filter = filter;
    request.explain = std::move(explain);
    return Get()->Search(request);
  }
  double Recall(const Filter& filter = {}) {
    size_t hits = 0, wanted = 0;
    for (uint64_t query = 0; query < kQueries; ++query) {
      std::map<PointId, float> exact;
      const auto truth = Search(query, true, filter), answer = Search(query, false, filter);
      EXPECT_TRUE(truth.ok()) << truth.status();
      EXPECT_TRUE(answer.ok()) << answer.status();
      if (!truth.ok() || !answer.ok()) return 0;
      for (const ScoredPoint& point : *truth) exact[point.point.id] = point.score;
      wanted += exact.size();
      for (const ScoredPoint& point : *answer) {
        auto it = exact.find(point.point.id);
        if (it == exact.end()) continue;
        EXPECT_FLOAT_EQ(point.score, it->second);
        ++hits;
      }
    }
    return static_cast<double>(hits) / static_cast<double>(wanted);
  }
  // Of searches of sealed segments.
  SegmentExplain Work(const Filter& filter = {}) {
    SegmentExplain sum;
    for (uint64_t query = 0; query < kQueries; ++query) {
      auto explain = std::make_shared<SearchExplain>();
      EXPECT_TRUE(Search(query, false, filter, explain).ok());
      for (const SegmentExplain& line : explain->segments) {
        if (line.kind != "sealed") continue;
        sum.plan = line.plan;
        sum.reads += line.reads;
        sum.bytes_read += line.bytes_read;
        sum.rescored += line.rescored;
        sum.distances_by_codes += line.distances_by_codes;
      }
    }
    return sum;
  }
  static Filter Tenth() {
    Filter filter;
    filter.must.push_back(Condition{FieldCondition{"part", MatchValue{std::string("tenth")}}});
    return filter;
  }

  uint64_t Resident(const std::string& kind) {
    uint64_t bytes = 0;
    auto memory = Get()->Memory();
    EXPECT_TRUE(memory.ok());
    for (const MappedLine& line : memory->mapped) bytes += line.kind == kind ? line.resident_bytes : 0;
    return bytes;
  }
  uint64_t Held(const std::string& kind) {
    uint64_t bytes = 0;
    auto memory = Get()->Memory();
    EXPECT_TRUE(memory.ok());
    for (const MemoryLine& line : memory->held) bytes += kind.empty() || line.kind == kind ? line.bytes : 0;
    return bytes;
  }

  const Shape shape_;
  std::vector<std::vector<float>> centres_, axes_;
};

TEST_F(ColdTest, SearchesReadAFewRowsAndAnswerWithExactScores) {
  EXPECT_EQ(Files("rows_by_list-").size(), 1u);
  EXPECT_TRUE(Files("codes-").empty());
  EXPECT_GE(Recall(), 0.95);
  const SegmentExplain work = Work();
  EXPECT_EQ(work.plan, "lists");
  EXPECT_EQ(work.distances_by_codes, 0u);
  EXPECT_GE(work.reads, kQueries);
  EXPECT_LE(work.reads, work.rescored);
  EXPECT_LE(work.rescored, kQueries * 276);
  EXPECT_GE(work.bytes_read, work.reads * kBlockBytes);
  Open();
  EXPECT_GE(Recall(), 0.95);
  EXPECT_EQ(Work().reads, work.reads);
}

TEST_F(ColdTest, FiltersFindWhatPasses) {
  EXPECT_GE(Recall(Tenth()), 0.95);
  EXPECT_GT(Work(Tenth()).reads, 0u);
}

TEST_F(ColdTest, MemoryChangesOnALiveCollection) {
  for (const VectorMemory memory :
       {VectorMemory::kWarm, VectorMemory::kCold, VectorMemory::kHot, VectorMemory::kCold, VectorMemory::kWarm}) {
    SetMemory(memory);
    const bool cold = memory == VectorMemory::kCold;
    EXPECT_EQ(Files("rows_by_list-").empty(), !cold);
    EXPECT_EQ(Files("codes-").empty(), cold);
    EXPECT_EQ(Held("codes") > 0, !cold);
    EXPECT_EQ(Work().reads > 0, cold);
    EXPECT_GE(Recall(), 0.95);
    EXPECT_GE(Resident("vectors"), memory == VectorMemory::kHot ? shape_.points * shape_.dim * 4 : 0);
    Open();
    EXPECT_EQ(Work().reads > 0, cold);
  }
}

TEST_F(ColdTest, PointsAreReadReplacedAndMergedAsOthers) {
  Put(0, 2'500);  // makes most of the sealed rows dead
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  EXPECT_GE(Recall(), 0.95);
  RetrieveRequest request;
  request.with_vector.mode = VectorSelector::Mode::kAll;
  for (uint64_t id = 0; id < shape_.points; id += 7) request.ids.push_back(PointId::Number(id));
  const auto records = Get()->Retrieve(request);
  ASSERT_TRUE(records.ok()) << records.status();
  ASSERT_EQ(records->size(), request.ids.size());
  for (const PointRecord& record : *records) {
    const std::vector<float> drawn = Draw(record.id.number());
    double product = 0, norm = 0;
    for (uint32_t i = 0; i < shape_.dim; ++i) {
      product += double{drawn[i]} * record.vectors.front().values[i];
      norm += double{drawn[i]} * drawn[i];
    }
    EXPECT_NEAR(product, std::sqrt(norm), 1e-3) << record.id.ToString();
  }
}

TEST_F(ColdTest, ADamagedBlockFailsSearchesUntilItIsWrittenAnew) {
  const std::string file = Files("rows_by_list-").front();
  const uint64_t blocks = shape_.points * shape_.dim * 4 / kBlockBytes;
  for (uint64_t block = 1; block <= blocks; ++block) ASSERT_TRUE(storage::FlipBit(file, block * kBlockBytes + 9, 3));
  const auto failed = Search(0, false);
  EXPECT_TRUE(absl::IsDataLoss(failed.status())) << failed.status();
  EXPECT_NE(failed.status().message().find(file + " at "), std::string::npos) << failed.status();
  EXPECT_TRUE(Search(0, true).ok()) << "the rows themselves are elsewhere";
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  EXPECT_GE(Recall(), 0.95);
  EXPECT_GT(Work().reads, 0u);
}

TEST_F(ColdTest, ATornFileFailsSearches) {
  const std::string file = Files("rows_by_list-").front();
  ASSERT_EQ(::truncate(file.c_str(), kBlockBytes), 0);
  const auto failed = Search(0, false);
  EXPECT_TRUE(absl::IsDataLoss(failed.status())) << failed.status();
  EXPECT_NE(failed.status().message().find(file), std::string::npos) << failed.status();
}

TEST_F(ColdTest, AMissingOrDamagedFileIsWrittenAnewAtOpen) {
  for (const bool missing : {true, false}) {
    const std::string file = Files("rows_by_list-").front();
    database_.reset();
    if (missing) {
      std::filesystem::remove(file);
    } else {
      ASSERT_TRUE(storage::FlipBit(file, 9, 1));
    }
    Open();
    EXPECT_EQ(Work().reads, 0u) << "rows are read through the mapping until then";
    EXPECT_GE(Recall(), 0.95);
    ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
    EXPECT_GT(Work().reads, 0u);
    EXPECT_GE(Recall(), 0.95);
  }
}

class ColdMemoryTest : public ColdTest {
 protected:
  ColdMemoryTest() : ColdTest({256, 60'000, 60'000, VectorMemory::kCold}) {}
};

TEST_F(ColdMemoryTest, StaysBelowAnEighthOfTheVectors) {
  // The first chunk of the growing segment and 2 MB for what single rows leave.
  const uint64_t fixed_bytes = 4'096 * shape_.dim * sizeof(float) + (uint64_t{2} << 20);
  const uint64_t vector_bytes = shape_.points * shape_.dim * sizeof(float);
  const auto store_bytes = [&] { return Held("memtables") + Held("table_readers"); };
  const auto memory_bytes = [&] { return Held("") - store_bytes() + Resident("vectors") + Resident("payload_index"); };
  EXPECT_LE(memory_bytes(), vector_bytes / 8 + fixed_bytes);
  Open();
  uint64_t most = 0;
  for (uint64_t query = 0; query < kQueries; ++query) {
    ASSERT_TRUE(Search(query, false).ok());
    most = std::max(most, memory_bytes());
  }
  EXPECT_LE(most, vector_bytes / 8 + fixed_bytes);
  EXPECT_GE(Recall(), 0.95);
  EXPECT_LE(memory_bytes(), vector_bytes / 8 + fixed_bytes) << "exact searches give back what they read";
  EXPECT_LE(Resident("vectors"), uint64_t{2} << 20);
}

}  // namespace
}  // namespace lineal::engine
