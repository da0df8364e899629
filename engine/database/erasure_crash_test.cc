// The process ends at many moments of an erasure: at the next start it is gone on with, to the same receipt.
//
// A child process erases, and ends itself when RocksDB makes, renames or removes its n-th file. What it wrote before
// stays, what it held in memory is lost, as with a kill.
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>

#include "base/strings.h"
#include "engine/database/erasure_fixture.h"
#include "rocksdb/file_system.h"

namespace lineal::engine {
namespace {

constexpr uint64_t kPoints = 300;
constexpr int kKilled = 77;
constexpr char kDirectoryVariable[] = "LINEAL_TEST_ERASE_IN", kMomentVariable[] = "LINEAL_TEST_END_AT";

// Counts moments, and ends the process at one of them.
struct Fuse {
  std::atomic<bool> lit{false};
  std::atomic<uint64_t> moments{0};
  uint64_t last = UINT64_MAX;
  void Step() {
    if (lit && ++moments == last) _exit(kKilled);
  }
};

class FusedFiles final : public rocksdb::FileSystemWrapper {
 public:
  explicit FusedFiles(Fuse* fuse) : FileSystemWrapper(rocksdb::FileSystem::Default()), fuse_(fuse) {}
  const char* Name() const override { return "FusedFiles"; }
  rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                    std::unique_ptr<rocksdb::FSWritableFile>* result,
                                    rocksdb::IODebugContext* context) override {
    fuse_->Step();
    return target()->NewWritableFile(path, options, result, context);
  }
  rocksdb::IOStatus RenameFile(const std::string& from, const std::string& to, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override {
    fuse_->Step();
    return target()->RenameFile(from, to, options, context);
  }
  rocksdb::IOStatus DeleteFile(const std::string& path, const rocksdb::IOOptions& options,
                               rocksdb::IODebugContext* context) override {
    fuse_->Step();
    return target()->DeleteFile(path, options, context);
  }

 private:
  Fuse* const fuse_;
};

// Part of the test below, which runs it in a process of its own.
class ErasingProcess : public ErasureFixture {};
TEST_F(ErasingProcess, DISABLED_EndsAtAMoment) {
  const char* directory = std::getenv(kDirectoryVariable);
  ASSERT_NE(directory, nullptr);
  Fuse fuse;
  fuse.last = std::stoull(std::getenv(kMomentVariable));
  options_.directory = directory;
  options_.resources.rocks_file_system = std::make_shared<FusedFiles>(&fuse);
  Open();
  fuse.lit = true;
  const Erasure done = Erase({.source = Secret()});
  _exit(done.state == ErasureState::kDone ? 0 : 1);
}

class ErasureCrash : public ErasureFixture {
 protected:
  void Prepare() {
    Open();
    Create();
    Load(0, kPoints);
    ASSERT_TRUE(Get()->Tag("before", 0, "").ok());
    Load(0, 100);
    ASSERT_TRUE(database_->OptimizeToEnd("c").ok());
    Load(200, 250);
    database_.reset();
    std::filesystem::copy(options_.directory, prepared_, std::filesystem::copy_options::recursive);
  }
  void Reset() {
    database_.reset();
    std::filesystem::remove_all(options_.directory);
    std::filesystem::copy(prepared_, options_.directory, std::filesystem::copy_options::recursive);
  }
  // In a child process. True if it ended itself in the middle.
  bool EraseAndEndAt(uint64_t moment) {
    const pid_t child = fork();
    if (child == 0) {
      // A program of its own: RocksDB's threads are not in a copy of this one.
      setenv(kDirectoryVariable, options_.directory.c_str(), 1);
      setenv(kMomentVariable, std::to_string(moment).c_str(), 1);
      execl("/proc/self/exe", "erasing", "--gtest_filter=ErasingProcess.DISABLED_EndsAtAMoment",
            "--gtest_also_run_disabled_tests", static_cast<char*>(nullptr));
      _exit(1);
    }
    int status = 0;
    EXPECT_EQ(waitpid(child, &status, 0), child);
    EXPECT_TRUE(WIFEXITED(status)) << status;
    EXPECT_TRUE(WEXITSTATUS(status) == kKilled || WEXITSTATUS(status) == 0) << WEXITSTATUS(status);
    return WEXITSTATUS(status) == kKilled;
  }
  // All that a receipt says, but for its id and times.
  static std::string TextOf(const Erasure& erasure) {
    std::string text;
    StrAppend(&text, erasure.collection, " ", erasure.selected_by, " ", erasure.reason, " ", NameOf(erasure.state), " ",
              erasure.live_rows, " ", erasure.history_rows, " ", erasure.commitment, "\n");
    for (const ErasedTag& tag : erasure.tags) StrAppend(&text, tag.tag, " ", tag.revision, " ", tag.points, "\n");
    for (const ErasurePlace& place : erasure.places) {
      StrAppend(&text, place.place, " ", NameOf(place.status), " ", place.count, " ", place.detail, "\n");
    }
    return text;
  }

  const std::string prepared_ = directory_.Sub("prepared");
};

TEST_F(ErasureCrash, Acceptance31) {
  Prepare();
  Open();
  const std::string receipt = TextOf(Erase({.source = Secret()}));
  const std::vector<std::string> needles = Needles(kPoints);
  uint64_t moment = 1, crashes = 0, resumed = 0;
  for (;; moment += 1 + moment / 3) {
    SCOPED_TRACE(moment);
    Reset();
    if (!EraseAndEndAt(moment)) break;
    ++crashes;
    Open();
    auto erasures = database_->ListErasures(10);
    ASSERT_TRUE(erasures.ok()) << erasures.status();
    // Before it was recorded nobody was told of it, and nothing has changed.
    if (erasures->empty()) {
      EXPECT_EQ(*Get()->Count({}), kPoints);
      erasures->push_back(Erase({.source = Secret()}));
    } else {
      ++resumed;
    }
    ASSERT_EQ(erasures->size(), 1u);
    EXPECT_EQ(TextOf(erasures->front()), receipt);
    EXPECT_EQ(FilesWith(needles), std::set<std::string>());
    EXPECT_EQ(*Get()->Count({}), kPoints - kPoints / 50);
    EXPECT_EQ(Near(50, 10, "before"), NearOf(50, 10, kPoints));
    ExpectSound();
    if (HasFailure()) break;
  }
  EXPECT_GE(crashes, 10u);
  EXPECT_GE(resumed, 8u);
  RecordProperty("moments", static_cast<int>(moment));
}

}  // namespace
}  // namespace lineal::engine
