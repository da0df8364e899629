// Rows that cannot be written into segments do not pile up in memory: writers are refused, readers and deletes are not.
#include <gmock/gmock.h>

#include "base/status.h"
#include "base/temporary_directory.h"
#include "engine/database/local_database.h"
#include "gtest/gtest.h"
#include "storage/faults/fake_space.h"

namespace lineal::engine {
namespace {

constexpr uint32_t kSegmentRows = 64;
constexpr uint32_t kSegmentsMax = 2;

// No segment can be written: every file of one fails.
class NoSegments final : public storage::FakeSpaceFileSystem {
 public:
  NoSegments() : FakeSpaceFileSystem(PosixFileSystem(), {.total_bytes = 1ull << 40, .free_bytes = 1ull << 40}) {}
  absl::StatusOr<std::unique_ptr<WritableFile>> Create(const std::string& path) override {
    if (path.find("/segments/") != std::string::npos) return Unavailable("no segments today");
    return FakeSpaceFileSystem::Create(path);
  }
};

TEST(Backlog, RefusesWritersBeforeUnsealedRowsFillTheMemory) {
  const TemporaryDirectory directory;
  NoSegments files;
  DatabaseOptions options;
  options.directory = directory.Sub("data");
  options.file_system = &files;
  options.unsealed_segments_max = kSegmentsMax;
  options.sealing_wait = std::chrono::milliseconds(20);
  auto database = LocalDatabase::Open(options);
  ASSERT_TRUE(database.ok()) << database.status();
  CollectionSchema schema;
  schema.vectors[""] = VectorSchema{.dim = 2, .metric = Metric::kEuclid};
  schema.optimizer.growing_rows_max = kSegmentRows;
  ASSERT_TRUE((*database)->CreateCollection("c", schema).ok());
  auto collection = *(*database)->GetCollection("c");

  uint64_t accepted = 0;
  absl::Status refusal;
  while (refusal.ok() && accepted < 100 * kSegmentRows) {
    UpsertPoints op;
    op.points.push_back(PointInput{PointId::Number(accepted), {{"", std::vector<float>{1, 2}}}, Value()});
    refusal = collection->Write(WriteRequest{.ops = {std::move(op)}}).status();
    accepted += refusal.ok();
  }
  EXPECT_EQ(KindOf(refusal), ErrorKind::kOverload) << refusal;
  EXPECT_THAT(std::string(MessageOf(refusal)), testing::HasSubstr("more than 128"));
  EXPECT_LE(accepted, (kSegmentsMax + 2) * kSegmentRows);
  EXPECT_EQ(*collection->Count({}), accepted);
  EXPECT_TRUE(collection->Write(WriteRequest{.ops = {DeletePoints{std::vector{PointId::Number(0)}}}}).ok());
  EXPECT_EQ(*collection->Count({}), accepted - 1);
}

}  // namespace
}  // namespace lineal::engine
