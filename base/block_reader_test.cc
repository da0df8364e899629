#include "base/block_reader.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <vector>

#include <unistd.h>

#include "base/executor.h"
#include "base/file_system.h"
#include "base/random.h"
#include "base/temporary_directory.h"
#include "gtest/gtest.h"

namespace lineal {
namespace {

constexpr size_t kBlocks = 300;

struct Free {
  void operator()(std::byte* bytes) const { std::free(bytes); }
};
using Buffer = std::unique_ptr<std::byte[], Free>;
Buffer BufferOf(size_t blocks) {
  return Buffer(static_cast<std::byte*>(std::aligned_alloc(kBlockBytes, blocks * kBlockBytes)));
}

class BlockReaderTest : public testing::TestWithParam<BlockReaderOptions> {
 protected:
  BlockReaderTest() {
    Random random(3);
    bytes_.resize(kBlocks * kBlockBytes);
    for (char& c : bytes_) c = static_cast<char>(random.Next());
    std::ofstream(At("file")) << bytes_;
  }
  std::string At(const std::string& name) const { return directory_.Sub(name); }
  std::shared_ptr<const BlockReader> Open(const std::string& path) const {
    auto reader = OpenBlockReader(path, GetParam());
    EXPECT_TRUE(reader.ok()) << reader.status();
    return *reader;
  }
  // Reads `count` random pieces of one to four blocks and compares them with the file.
  void ReadSome(const BlockReader& reader, size_t count, uint64_t seed) const {
    Random random(seed);
    const Buffer buffer = BufferOf(4 * count);
    std::vector<BlockRequest> requests;
    for (size_t i = 0; i < count; ++i) {
      const size_t blocks = 1 + random.Below(4);
      requests.push_back(
          {random.Below(kBlocks - blocks) * kBlockBytes, blocks * kBlockBytes, buffer.get() + 4 * i * kBlockBytes});
    }
    const absl::Status status = reader.Read(requests);
    ASSERT_TRUE(status.ok()) << status;
    for (const BlockRequest& request : requests) {
      EXPECT_EQ(std::memcmp(request.to, bytes_.data() + request.offset, request.bytes), 0) << request.offset;
    }
  }

  const TemporaryDirectory directory_{"."};  // /tmp may be a file system of memory
  std::string bytes_;
};

TEST_P(BlockReaderTest, ReadsAnyNumberOfPiecesAtOnce) {
  const auto reader = Open(At("file"));
  EXPECT_EQ(reader->size(), kBlocks * kBlockBytes);
  for (size_t count : {0, 1, 2, 63, 64, 65, 500}) ReadSome(*reader, count, count);
}

TEST_P(BlockReaderTest, ServesSeveralThreads) {
  const auto reader = Open(At("file"));
  Executor executor("readers", 3);
  executor.ParallelFor(24, [&](size_t i) { ReadSome(*reader, 40, i); });
}

TEST_P(BlockReaderTest, SaysWhereAFileEndsTooEarly) {
  const auto reader = Open(At("file"));
  ASSERT_EQ(truncate(At("file").c_str(), 10 * kBlockBytes + 100), 0);
  const Buffer buffer = BufferOf(3);
  const std::vector<BlockRequest> inside = {{0, kBlockBytes, buffer.get()},
                                            {9 * kBlockBytes, kBlockBytes, buffer.get() + kBlockBytes}};
  EXPECT_TRUE(reader->Read(inside).ok());
  const std::vector<BlockRequest> across = {{0, kBlockBytes, buffer.get()},
                                            {9 * kBlockBytes, 2 * kBlockBytes, buffer.get() + kBlockBytes}};
  const absl::Status torn = reader->Read(across);
  EXPECT_TRUE(absl::IsDataLoss(torn)) << torn;
  EXPECT_NE(torn.message().find(At("file") + " at " + std::to_string(10 * kBlockBytes + 100)), std::string::npos)
      << torn;
}

// The memory of a process is a file whose first page cannot be read.
TEST_P(BlockReaderTest, SaysWhereTheDeviceFails) {
  const auto reader = Open("/proc/self/mem");
  const Buffer buffer = BufferOf(2);
  const std::vector<BlockRequest> requests = {{4 * kBlockBytes, kBlockBytes, buffer.get()},
                                              {5 * kBlockBytes, kBlockBytes, buffer.get() + kBlockBytes}};
  const absl::Status failed = reader->Read(requests);
  EXPECT_TRUE(absl::IsUnavailable(failed)) << failed;
  EXPECT_NE(failed.message().find("/proc/self/mem: Input/output error, at " + std::to_string(4 * kBlockBytes)),
            std::string::npos)
      << failed;
  EXPECT_TRUE(absl::IsUnavailable(reader->Read(std::span(requests).first(1))));
}

TEST_P(BlockReaderTest, NamesAMissingFile) {
  const auto reader = OpenBlockReader(At("none"), GetParam());
  EXPECT_TRUE(absl::IsNotFound(reader.status())) << reader.status();
}

INSTANTIATE_TEST_SUITE_P(Ways, BlockReaderTest,
                         testing::Values(BlockReaderOptions{true, true}, BlockReaderOptions{true, false},
                                         BlockReaderOptions{false, true}, BlockReaderOptions{false, false}),
                         [](const auto& info) {
                           return std::string(info.param.ring ? "Ring" : "OneByOne") +
                                  (info.param.direct ? "Direct" : "Cached");
                         });

}  // namespace
}  // namespace lineal
