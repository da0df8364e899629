// Sealed segments are searched by codes: answers with exact scores, also after the codes' files were lost or damaged.
#include <filesystem>
#include <map>
#include <set>

#include "base/random.h"
#include "engine/database/database_fixture.h"
#include "engine/database/local_collection.h"
#include "engine/database/local_database.h"
#include "engine/optimizer/compaction.h"
#include "engine/optimizer/task_choice.h"
#include "gtest/gtest.h"
#include "storage/faults/fault_file_system.h"

namespace lineal::engine {
namespace {

constexpr uint32_t kDim = 32;
constexpr uint64_t kPoints = 2'000;
constexpr size_t kQueries = 50;

class CodesTest : public ::testing::Test, protected DatabaseFixture {
 protected:
  CodesTest() {
    Open();
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = kDim, .metric = Metric::kCosine};
    schema.optimizer.growing_rows_max = 500;
    schema.optimizer.indexing_threshold_kb = 1;
    EXPECT_TRUE(database_->CreateCollection("c", schema).ok());
    UpsertPoints op;
    for (uint64_t id = 0; id < kPoints; ++id) {
      Value payload = Value::EmptyObject();
      payload.Set("part", Value(std::string(id % 10 == 0 ? "tenth" : "rest")));
      op.points.push_back(PointInput{PointId::Number(id), {{"", Draw(id)}}, std::move(payload)});
    }
    EXPECT_TRUE(Get()->Write(WriteRequest{.ops = {std::move(op)}}).ok());
    SchemaChange change;
    change.add_fields["part"] = FieldSchema{};
    EXPECT_TRUE(database_->AlterCollection("c", change).ok());
    EXPECT_TRUE(database_->OptimizeToEnd("c").ok());
  }

  static std::vector<float> Draw(uint64_t seed) {
    Random random(seed + 1);
    std::vector<float> values(kDim);
    for (float& x : values) x = static_cast<float>(random.Gaussian());
    return values;
  }

  uint64_t RowsWithCodes() {
    uint64_t rows = 0;
    auto collection = Get();
    for (const auto& shard : static_cast<LocalCollection*>(collection.get())->shards()) {
      for (const auto& segment : *shard->segments()) {
        for (const auto& [number, column] : segment->parts().vectors) {
          if (column->codes() != nullptr) rows += column->codes()->rows();
        }
      }
    }
    return rows;
  }

  // Of the sealed segments' codes, and whether those segments have lists.
  std::set<std::pair<uint32_t, bool>> BitsAndLists() {
    std::set<std::pair<uint32_t, bool>> found;
    auto collection = Get();
    for (const auto& shard : static_cast<LocalCollection*>(collection.get())->shards()) {
      for (const auto& segment : *shard->segments()) {
        for (const auto& [number, column] : segment->parts().vectors) {
          if (segment->kind() == SegmentKind::kSealed) found.emplace(column->code_bits(), column->lists() != nullptr);
        }
      }
    }
    return found;
  }
  // Of the codes that sealed segments were measured by.
  std::set<uint32_t> BitsMeasured() {
    std::set<uint32_t> found;
    auto collection = Get();
    for (const auto& shard : static_cast<LocalCollection*>(collection.get())->shards()) {
      for (const auto& segment : *shard->segments()) {
        for (const auto& [number, column] : segment->parts().vectors) {
          const auto recall = column->recall();
          if (recall != nullptr) found.insert(recall->by_codes ? recall->code_bits : 0);
        }
      }
    }
    return found;
  }
  void Alter(const SchemaChange& change) {
    ASSERT_TRUE(database_->AlterCollection("c", change).ok());
    ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  }

  std::vector<ScoredPoint> Search(uint64_t query, bool exact, const Filter& filter = {}) {
    SearchRequest request;
    request.query = Draw(1'000'000 + query);
    request.limit = 10;
    request.exact = exact;
    request.filter = filter;
    return Search(request);
  }
  std::vector<ScoredPoint> Search(const SearchRequest& request) {
    auto found = Get()->Search(request);
    EXPECT_TRUE(found.ok()) << found.status();
    return *std::move(found);
  }
  void ExpectGoodAnswers(const Filter& filter) {
    size_t hits = 0;
    for (uint64_t query = 0; query < kQueries; ++query) {
      std::map<PointId, float> exact;
      for (const ScoredPoint& point : Search(query, true, filter)) exact[point.point.id] = point.score;
      for (const ScoredPoint& point : Search(query, false, filter)) {
        auto it = exact.find(point.point.id);
        if (it == exact.end()) continue;
        EXPECT_FLOAT_EQ(point.score, it->second);
        ++hits;
      }
    }
    EXPECT_GE(static_cast<double>(hits), 0.98 * 10 * kQueries);
  }
  static Filter Tenth() {
    Filter filter;
    filter.must.push_back(Condition{FieldCondition{"part", MatchValue{std::string("tenth")}}});
    return filter;
  }
};

// As the sealing thread does it: packed files at once, graphs later.
TEST_F(CodesTest, WhatIsSealedAndHasNoGraphYetIsScannedByCodes) {
  SchemaChange to_graphs;
  to_graphs.hnsw = HnswConfig{.index = IndexKind::kHnsw};
  ASSERT_TRUE(database_->AlterCollection("c", to_graphs).ok());
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  const uint64_t before = RowsWithCodes();
  UpsertPoints op;
  for (uint64_t id = kPoints; id < kPoints + 1'200; ++id) {
    op.points.push_back(PointInput{PointId::Number(id), {{"", Draw(id)}}, Value::EmptyObject()});
  }
  ASSERT_TRUE(Get()->Write(WriteRequest{.ops = {std::move(op)}}).ok());
  {
    auto collection = Get();
    Shard& shard = *static_cast<LocalCollection*>(collection.get())->shards().front();
    const auto full = ChooseSeal(*shard.segments());
    ASSERT_TRUE(full.has_value());
    EXPECT_GE(full->rows, 1'000u);
    CompactionOptions options;
    options.build_graphs = false;
    ASSERT_TRUE(Compact(shard, full->inputs, options).ok());
    EXPECT_TRUE(LacksIndex(*shard.segments()->front(), *shard.schema()));
  }
  EXPECT_GE(RowsWithCodes(), before + 1'000);
  ExpectGoodAnswers({});
  Open();
  EXPECT_GE(RowsWithCodes(), before + 1'000) << "they are in a file";
  ExpectGoodAnswers({});
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  ExpectGoodAnswers({});
}

TEST_F(CodesTest, AnswerWithExactScores) {
  EXPECT_EQ(RowsWithCodes(), kPoints);
  ExpectGoodAnswers({});
  ExpectGoodAnswers(Tenth());
}

TEST_F(CodesTest, ComeBackWithTheDatabase) {
  ASSERT_FALSE(Files("codes-").empty());
  Open();
  EXPECT_EQ(RowsWithCodes(), kPoints);
  ExpectGoodAnswers({});
}

TEST_F(CodesTest, AreMadeAnewWhenTheirFilesAreLostOrDamaged) {
  database_.reset();
  for (const std::string& file : Files("codes-")) ASSERT_TRUE(storage::FlipBit(file, 200, 3));
  Open();
  EXPECT_EQ(RowsWithCodes(), kPoints);
  ExpectGoodAnswers({});
  database_.reset();
  for (const std::string& file : Files("codes-")) std::filesystem::remove(file);
  Open();
  EXPECT_EQ(RowsWithCodes(), kPoints);
  ExpectGoodAnswers(Tenth());
}

TEST_F(CodesTest, GraphsAreBuiltAnewWhenTheirSettingsChange) {
  const auto links = [&] {
    std::set<uint32_t> found;
    auto collection = Get();
    for (const auto& shard : static_cast<LocalCollection*>(collection.get())->shards()) {
      for (const auto& segment : *shard->segments()) {
        for (const auto& [number, column] : segment->parts().vectors) {
          if (column->graph() != nullptr) found.insert(column->graph()->params().m);
        }
      }
    }
    return found;
  };
  const auto after = [&](const HnswConfig& hnsw) {
    SchemaChange change;
    change.hnsw = hnsw;
    EXPECT_TRUE(database_->AlterCollection("c", change).ok());
    EXPECT_TRUE(database_->OptimizeToEnd("c").ok());
    return links();
  };
  EXPECT_EQ(links(), std::set<uint32_t>{}) << "lists";
  EXPECT_EQ(after({.index = IndexKind::kHnsw}), std::set<uint32_t>{16});
  EXPECT_EQ(after({.index = IndexKind::kHnsw, .m = 24}), std::set<uint32_t>{24});
  EXPECT_EQ(after({.index = IndexKind::kIvf}), std::set<uint32_t>{});
}

TEST_F(CodesTest, ChangeTheirBitsWhileTheCollectionLives) {
  EXPECT_EQ(BitsAndLists(), (std::set{std::pair(8u, true)}));
  for (const uint32_t bits : {4u, 2u, 1u, 4u, 8u}) {
    Alter({.hnsw = HnswConfig{.code_bits = bits}});
    EXPECT_EQ(BitsAndLists(), (std::set{std::pair(bits == 1 ? 0 : bits, true)})) << bits;
    ExpectGoodAnswers({});
    ExpectGoodAnswers(Tenth());
    Open();
    EXPECT_EQ(BitsAndLists(), (std::set{std::pair(bits == 1 ? 0 : bits, true)})) << bits << " after a restart";
    ExpectGoodAnswers({});
  }
}

TEST_F(CodesTest, OfOtherBitsAreMeasuredAnew) {
  EXPECT_EQ(BitsMeasured(), std::set{8u});
  Alter({.hnsw = HnswConfig{.code_bits = 4}});
  EXPECT_EQ(BitsMeasured(), std::set{4u});
  Open();
  EXPECT_EQ(BitsMeasured(), std::set{4u});
  Alter({.hnsw = HnswConfig{.code_bits = 1}});
  EXPECT_EQ(BitsMeasured(), std::set{0u});
}

TEST_F(CodesTest, OfAVectorGoBeforeThoseOfTheCollection) {
  Alter({.code_bits = {{"", 4}}});
  EXPECT_EQ(BitsAndLists(), (std::set{std::pair(4u, true)}));
  Alter({.hnsw = HnswConfig{.code_bits = 2}});
  EXPECT_EQ(BitsAndLists(), (std::set{std::pair(4u, true)}));
  Open();
  EXPECT_EQ((*Get()->Info()).schema.vectors.at("").code_bits, 4u);
  Alter({.code_bits = {{"", std::nullopt}}});
  EXPECT_EQ(BitsAndLists(), (std::set{std::pair(2u, true)}));
  EXPECT_EQ(database_->AlterCollection("c", {.code_bits = {{"other", 4}}}).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(database_->AlterCollection("c", {.code_bits = {{"", 3}}}).code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(CodesTest, OfFewerBitsLeadThroughGraphs) {
  for (const uint32_t bits : {4u, 2u, 1u}) {
    Alter({.hnsw = HnswConfig{.index = IndexKind::kHnsw, .code_bits = bits}});
    EXPECT_EQ(BitsAndLists(), (std::set{std::pair(bits == 1 ? 0 : bits, false)})) << bits;
    ExpectGoodAnswers({});
    ExpectGoodAnswers(Tenth());
  }
}

TEST_F(CodesTest, OfTheBitsBeforeServeUntilTheOptimizerComes) {
  ASSERT_TRUE(database_->AlterCollection("c", {.hnsw = HnswConfig{.code_bits = 4}}).ok());
  Open();
  EXPECT_EQ(BitsAndLists(), (std::set{std::pair(8u, true)}));
  ExpectGoodAnswers({});
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  EXPECT_EQ(BitsAndLists(), (std::set{std::pair(4u, true)}));
}

TEST_F(CodesTest, OfFewerBitsAreMadeAnewWhenTheirFilesAreDamaged) {
  Alter({.hnsw = HnswConfig{.code_bits = 2}});
  database_.reset();
  for (const std::string& file : Files("codes-")) ASSERT_TRUE(storage::FlipBit(file, 300, 5));
  Open();
  EXPECT_EQ(BitsAndLists(), (std::set{std::pair(2u, true)}));
  ExpectGoodAnswers({});
}

TEST_F(CodesTest, AreWhatScoresAreOfWithoutRescoring) {
  for (const uint32_t bits : {8u, 4u, 2u}) {
    Alter({.hnsw = HnswConfig{.code_bits = bits}});
    size_t exact_scores = 0, near_scores = 0, answers = 0;
    uint64_t by_codes = 0;
    for (uint64_t query = 0; query < kQueries; ++query) {
      std::map<PointId, float> exact;
      SearchRequest request;
      request.query = Draw(1'000'000 + query);
      request.limit = kPoints;
      request.exact = true;
      for (const ScoredPoint& point : Search(request)) exact[point.point.id] = point.score;
      request.limit = 10;
      request.exact = false;
      request.rescore = false;
      request.ef_search = 64;
      request.explain = std::make_shared<SearchExplain>();
      for (const ScoredPoint& point : Search(request)) {
        const float score = exact.at(point.point.id);
        ++answers;
        exact_scores += point.score == score;
        near_scores += std::abs(point.score - score) < 0.25f;
      }
      for (const SegmentExplain& line : request.explain->segments) {
        EXPECT_EQ(line.rescored, 0u);
        EXPECT_EQ(line.distances_by_rows, 0u);
        by_codes += line.distances_by_codes;
      }
    }
    EXPECT_EQ(answers, 10 * kQueries);
    EXPECT_GT(by_codes, 0u);
    EXPECT_LT(exact_scores, answers / 10) << bits;
    EXPECT_GT(near_scores, answers * 97 / 100) << bits;
  }
}

TEST_F(CodesTest, AreRescoredFartherDownWithOversampling) {
  Alter({.hnsw = HnswConfig{.code_bits = 2}});
  const auto rescored = [&](double oversampling) {
    uint64_t rows = 0;
    for (uint64_t query = 0; query < kQueries; ++query) {
      SearchRequest request;
      request.query = Draw(1'000'000 + query);
      request.limit = 2;
      request.ef_search = 64;
      request.oversampling = oversampling;
      request.explain = std::make_shared<SearchExplain>();
      Search(request);
      for (const SegmentExplain& line : request.explain->segments) rows += line.rescored;
    }
    return rows;
  };
  const uint64_t by_itself = rescored(0);
  EXPECT_EQ(rescored(1), by_itself) << "fewer than it takes anyway";
  EXPECT_GT(rescored(200), by_itself + kQueries) << "what the bound of each row does not rule out";
}

TEST_F(CodesTest, CanBeSwitchedOffAndOnAgain) {
  SchemaChange change;
  change.hnsw = HnswConfig{.code_bits = 0};
  ASSERT_TRUE(database_->AlterCollection("c", change).ok());
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  EXPECT_EQ(RowsWithCodes(), 0u);
  EXPECT_TRUE(Files("codes-").empty());
  ExpectGoodAnswers({});
  Open();
  EXPECT_EQ(RowsWithCodes(), 0u);

  change.hnsw = HnswConfig{};
  ASSERT_TRUE(database_->AlterCollection("c", change).ok());
  ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
  EXPECT_EQ(RowsWithCodes(), kPoints);
  EXPECT_FALSE(Files("codes-").empty());
  ExpectGoodAnswers(Tenth());
}

}  // namespace
}  // namespace lineal::engine
