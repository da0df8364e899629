// Points that are replaced again and again, with restarts: recall as in a collection built afresh, every point found by
// its own vector, and the same answers after a restart. LINEAL_CHURN_POINTS sets the size (2,000).
#include <cstdlib>
#include <set>

#include "base/random.h"
#include "engine/database/database_fixture.h"
#include "engine/database/local_database.h"
#include "gtest/gtest.h"

namespace lineal::engine {
namespace {

constexpr uint32_t kDim = 16;
constexpr uint64_t kRounds = 5;
constexpr uint64_t kSteps = 5;
constexpr int kQueries = 200;

uint64_t PointCount() {
  const char* const wanted = std::getenv("LINEAL_CHURN_POINTS");
  return wanted != nullptr ? std::strtoull(wanted, nullptr, 10) : 2'000;
}

std::vector<float> VectorOf(uint64_t id, uint64_t round) {
  Random random(id * 1'000 + round + 1);
  std::vector<float> vector(kDim);
  for (float& x : vector) x = static_cast<float>(random.Gaussian());
  return vector;
}

class ChurnTest : public ::testing::Test, protected DatabaseFixture {
 protected:
  ChurnTest() {
    options_.resources.disk_reserve_bytes = 1 << 20;
    Open();
  }

  void Create(const std::string& name) {
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = kDim, .metric = Metric::kEuclid};
    schema.optimizer.growing_rows_max = 512;
    schema.optimizer.indexing_threshold_kb = 1;
    schema.optimizer.history_window_s = 0;
    ASSERT_TRUE(database_->CreateCollection(name, schema).ok());
  }
  std::shared_ptr<Collection> Get(const std::string& name) { return *database_->GetCollection(name); }

  // Writes the points whose id leaves `step` over when divided by kSteps, as they are in `round`.
  void WriteStep(const std::string& name, uint64_t round, uint64_t step) {
    UpsertPoints op;
    for (uint64_t id = step; id < points_; id += kSteps) {
      op.points.push_back(PointInput{PointId::Number(id), {{"", VectorOf(id, round)}}, Value()});
      if (op.points.size() < 200 && id + kSteps < points_) continue;
      auto written = Get(name)->Write(WriteRequest{.ops = {std::move(op)}});
      ASSERT_TRUE(written.ok()) << written.status();
      op = UpsertPoints();
    }
  }
  void Settle(const std::string& name) { ASSERT_TRUE(database_->OptimizeToEnd(name).ok()); }

  std::vector<PointId> Nearest(const std::string& name, const std::vector<float>& query, bool exact, size_t limit) {
    SearchRequest request;
    request.query = query;
    request.limit = limit;
    request.exact = exact;
    auto found = Get(name)->Search(request);
    EXPECT_TRUE(found.ok()) << found.status();
    std::vector<PointId> ids;
    for (const ScoredPoint& point : *found) ids.push_back(point.point.id);
    return ids;
  }
  std::vector<std::vector<PointId>> Answers(const std::string& name, bool exact) {
    std::vector<std::vector<PointId>> answers;
    for (int i = 0; i < kQueries; ++i) {
      answers.push_back(Nearest(name, VectorOf(1'000'000'000 + static_cast<uint64_t>(i), 0), exact, 10));
    }
    return answers;
  }
  double Recall(const std::string& name) {
    const auto found = Answers(name, false);
    const auto truth = Answers(name, true);
    uint64_t hits = 0;
    for (size_t i = 0; i < found.size(); ++i) {
      const std::set<PointId> wanted(truth[i].begin(), truth[i].end());
      for (const PointId& id : found[i]) hits += wanted.count(id);
    }
    return static_cast<double>(hits) / (kQueries * 10.0);
  }

  const uint64_t points_ = PointCount();
};

TEST_F(ChurnTest, KeepsRecallAndFindsEveryPointByItsOwnVector) {
  Create("churned");
  for (uint64_t step = 0; step < kSteps; ++step) WriteStep("churned", 0, step);
  Settle("churned");
  for (uint64_t round = 1; round <= kRounds; ++round) {
    for (uint64_t step = 0; step < kSteps; ++step) {
      WriteStep("churned", round, step);
      Settle("churned");
    }
    const auto before = Answers("churned", false);
    Open();
    EXPECT_EQ(Answers("churned", false), before) << "after the restart of round " << round;
  }
  uint64_t lost = 0;
  for (uint64_t id = 0; id < points_; ++id) {
    const auto nearest = Nearest("churned", VectorOf(id, kRounds), false, 1);
    lost += nearest.size() != 1 || nearest[0] != PointId::Number(id);
  }
  EXPECT_EQ(lost, 0u) << "points not found by their own vector";

  Create("fresh");
  for (uint64_t step = 0; step < kSteps; ++step) WriteStep("fresh", kRounds, step);
  Settle("fresh");
  const double churned = Recall("churned");
  const double fresh = Recall("fresh");
  RecordProperty("recall_churned", std::to_string(churned));
  RecordProperty("recall_fresh", std::to_string(fresh));
  EXPECT_GE(churned, fresh - 0.01);
  EXPECT_GE(churned, 0.9);
}

}  // namespace
}  // namespace lineal::engine
