// A small collection whose points are replaced without end holds what is alive, and what the history window asks for,
// in few segments.
#include <algorithm>

#include "base/clock.h"
#include "engine/database/database_fixture.h"
#include "engine/database/local_database.h"
#include "gtest/gtest.h"

namespace lineal::engine {
namespace {

constexpr uint64_t kPoints = 1'000;
constexpr int64_t kWindowS = 3'600;

class ReplacementTest : public ::testing::Test, protected DatabaseFixture {
 protected:
  ReplacementTest() {
    options_.clock = &clock_;
    Open();
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = 2, .metric = Metric::kEuclid};
    schema.optimizer.history_window_s = kWindowS;
    EXPECT_TRUE(database_->CreateCollection("c", schema).ok());
  }

  void ReplaceAll(int times) {
    for (int i = 0; i < times; ++i) {
      UpsertPoints op;
      for (uint64_t id = 0; id < kPoints; ++id) {
        op.points.push_back(PointInput{PointId::Number(id), {{"", {static_cast<float>(id), 1}}}, Value()});
      }
      auto written = (*database_->GetCollection("c"))->Write(WriteRequest{.ops = {std::move(op)}});
      ASSERT_TRUE(written.ok()) << written.status();
    }
  }
  std::vector<SegmentInfo> Optimized() {
    EXPECT_TRUE(database_->OptimizeToEnd("c").ok());
    return (*database_->GetCollection("c"))->Info()->segments;
  }
  static uint64_t RowsOf(const std::vector<SegmentInfo>& segments, std::string_view kind) {
    uint64_t rows = 0;
    for (const SegmentInfo& segment : segments) rows += segment.kind == kind ? segment.rows : 0;
    return rows;
  }
};

TEST_F(ReplacementTest, SealsAGrowingSegmentThatIsMostlyDead) {
  ReplaceAll(10);
  const std::vector<SegmentInfo> segments = Optimized();
  EXPECT_EQ(RowsOf(segments, "growing"), 0u);
  EXPECT_EQ(RowsOf(segments, "sealed"), kPoints);
  EXPECT_EQ(RowsOf(segments, "history"), 9 * kPoints);
}

TEST_F(ReplacementTest, LetsAGrowingSegmentGrowWhoseRowsAreAlive) {
  ReplaceAll(2);
  EXPECT_EQ(RowsOf(Optimized(), "growing"), 2 * kPoints);
}

TEST_F(ReplacementTest, KeepsHistoryInFewSegmentsAndLetsItGoAfterTheWindow) {
  for (int i = 0; i < 16; ++i) {
    ReplaceAll(10);
    Optimized();
  }
  const std::vector<SegmentInfo> busy = Optimized();
  EXPECT_EQ(RowsOf(busy, "history"), 159 * kPoints);
  EXPECT_LE(std::count_if(busy.begin(), busy.end(), [](const SegmentInfo& s) { return s.kind == "history"; }), 6);

  clock_.AdvanceMs((kWindowS + 1) * 1'000);
  ReplaceAll(1);
  clock_.AdvanceMs((kWindowS + 1) * 1'000);
  EXPECT_EQ(RowsOf(Optimized(), "history"), 0u);
}

}  // namespace
}  // namespace lineal::engine
