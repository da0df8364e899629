// Writers, readers and the optimizer at once: no answer mixes two writes of a point, none names a point twice.
// LINEAL_CONCURRENT_WRITES sets the points written (7,680).
#include <atomic>
#include <cstdlib>
#include <set>

#include "base/executor.h"
#include "base/random.h"
#include "base/status.h"
#include "engine/database/database_fixture.h"
#include "engine/database/local_database.h"
#include "gtest/gtest.h"

namespace lineal::engine {
namespace {

constexpr uint32_t kDim = 16;

// A vector and a payload that tell which write they are of.
std::vector<float> VectorOf(uint64_t salt) {
  Random random(salt);
  std::vector<float> vector(kDim);
  for (float& x : vector) x = static_cast<float>(random.Gaussian());
  return vector;
}
Value PayloadOf(uint64_t salt) {
  return Value(Value::Object{{"salt", Value(static_cast<int64_t>(salt))}, {"text", Value(std::string(200, 'x'))}});
}
PointInput PointOf(uint64_t id, uint64_t salt) {
  return PointInput{PointId::Number(id), {{"", VectorOf(salt)}}, PayloadOf(salt)};
}
bool IsOfOneWrite(const PointRecord& point) {
  if (!point.payload || point.vectors.size() != 1) return false;
  const Value* salt = point.payload->Find("salt");
  return salt != nullptr && point.vectors[0].values == VectorOf(static_cast<uint64_t>(*salt->get_if<int64_t>()));
}

class ConcurrencyTest : public ::testing::Test, protected DatabaseFixture {
 protected:
  void Create() {
    options_.optimizer_enabled = true;
    options_.resources.disk_reserve_bytes = 1 << 20;
    Open();
    CollectionSchema schema;
    schema.vectors[""] = VectorSchema{.dim = kDim, .metric = Metric::kEuclid};
    schema.optimizer.growing_rows_max = 512;
    schema.optimizer.indexing_threshold_kb = 1;
    schema.optimizer.history_window_s = 0;
    EXPECT_TRUE(database_->CreateCollection("c", schema).ok());
  }
};

TEST_F(ConcurrencyTest, NeverMixesTwoWritesOfOnePoint) {
  Create();
  constexpr uint64_t kIds = 100;
  constexpr int kWriters = 16;
  const char* const wanted = std::getenv("LINEAL_CONCURRENT_WRITES");
  const int writes_each = std::max(1, (wanted != nullptr ? std::atoi(wanted) : 7'680) / (kWriters * 8));
  std::atomic<int> writing{kWriters};
  std::atomic<int> mixed{0};
  std::atomic<int> twice{0};
  std::atomic<int> failed{0};
  std::vector<ServiceThread> threads;
  for (int w = 0; w < kWriters; ++w) {
    threads.emplace_back("writer", [&, w] {
      Random random(static_cast<uint64_t>(w) + 1);
      for (int i = 0; i < writes_each; ++i) {
        UpsertPoints op;
        for (int p = 0; p < 8; ++p) op.points.push_back(PointOf(random.Below(kIds), random.Below(1'000'000)));
        if (!Get()->Write(WriteRequest{.ops = {std::move(op)}}).ok()) ++failed;
      }
      --writing;
    });
  }
  for (int r = 0; r < 2; ++r) {
    threads.emplace_back("reader", [&, r] {
      uint64_t query = 500 + static_cast<uint64_t>(r);
      while (writing > 0) {
        SearchRequest request;
        request.query = VectorOf(++query);
        request.limit = 20;
        request.with_payload.mode = PayloadSelector::Mode::kAll;
        request.with_vector.mode = VectorSelector::Mode::kAll;
        auto found = Get()->Search(request);
        if (!found.ok()) {
          ++failed;
          continue;
        }
        std::set<PointId> ids;
        for (const ScoredPoint& point : *found) {
          twice += !ids.insert(point.point.id).second;
          mixed += !IsOfOneWrite(point.point);
        }
      }
    });
  }
  for (ServiceThread& thread : threads) thread.Join();
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(mixed, 0);
  EXPECT_EQ(twice, 0);

  ScrollRequest all;
  all.limit = kIds + 1;
  all.with_vector.mode = VectorSelector::Mode::kAll;
  auto page = Get()->Scroll(all);
  ASSERT_TRUE(page.ok()) << page.status();
  EXPECT_EQ(page->points.size(), *Get()->Count({}));
  for (const PointRecord& point : page->points) EXPECT_TRUE(IsOfOneWrite(point)) << point.id.ToString();
}

}  // namespace
}  // namespace lineal::engine
