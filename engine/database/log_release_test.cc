// The change log keeps what is not yet in the data, and no more, while the database runs.
#include <chrono>

#include "base/temporary_directory.h"
#include "engine/database/local_database.h"
#include "gtest/gtest.h"

namespace lineal::engine {
namespace {

constexpr uint64_t kSegmentBytes = 256 << 10;

TEST(LogRelease, LetsGoOfWhatTheDataHolds) {
  const TemporaryDirectory directory;
  DatabaseOptions options;
  options.directory = directory.Sub("data");
  options.log.segment_bytes = kSegmentBytes;
  auto database = LocalDatabase::Open(options);
  ASSERT_TRUE(database.ok()) << database.status();
  CollectionSchema schema;
  schema.vectors[""] = VectorSchema{.dim = 256, .metric = Metric::kEuclid};
  ASSERT_TRUE((*database)->CreateCollection("c", schema).ok());
  auto collection = *(*database)->GetCollection("c");
  const auto write = [&](uint64_t begin, uint64_t end) {
    UpsertPoints op;
    for (uint64_t id = begin; id < end; ++id) {
      op.points.push_back(PointInput{PointId::Number(id), {{"", std::vector<float>(256, 1.0f)}}, Value()});
    }
    auto written = collection->Write(WriteRequest{.ops = {std::move(op)}});
    ASSERT_TRUE(written.ok()) << written.status();
  };
  for (uint64_t id = 0; id < 10'000; id += 100) write(id, id + 100);
  const auto log_bytes = [&] { return PosixFileSystem()->DiskUsage(options.directory + "/log"); };
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  // A segment is closed by a write.
  while (log_bytes() > 4 * kSegmentBytes && std::chrono::steady_clock::now() < deadline) write(0, 1);
  EXPECT_LE(log_bytes(), 4 * kSegmentBytes) << "of 10 MB written";
}

}  // namespace
}  // namespace lineal::engine
