#include "base/file_system.h"

#include <cerrno>
#include <cstdlib>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/status.h"
#include "base/temporary_directory.h"
#include "gtest/gtest.h"

namespace lineal {
namespace {

class FileSystemTest : public testing::Test {
 protected:
  std::string At(const std::string& name) const { return directory_.Sub(name); }

  FileSystem* const files_ = PosixFileSystem();
  const TemporaryDirectory directory_;
};

TEST_F(FileSystemTest, AtomicWriteReplacesTheWholeFileAndLeavesNothingBeside) {
  ASSERT_TRUE(files_->WriteAtomically(At("a"), "a long first text").ok());
  ASSERT_TRUE(files_->WriteAtomically(At("a"), "second").ok());
  EXPECT_EQ(*files_->ReadFile(At("a")), "second");
  EXPECT_EQ(*files_->List(directory_.path()), std::vector<std::string>{"a"});
}

TEST_F(FileSystemTest, OnlyItsOwnerMayReadASecret) {
  // What a crash left beside it would have been readable.
  ASSERT_TRUE(files_->WriteAtomically(At("key.tmp"), "left").ok());
  ASSERT_TRUE(files_->WriteSecret(At("key"), "secret").ok());
  EXPECT_EQ(*files_->ReadFile(At("key")), "secret");
  struct stat info;
  ASSERT_EQ(::stat(At("key").c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  EXPECT_EQ(*files_->List(directory_.path()), std::vector<std::string>{"key"});
}

TEST_F(FileSystemTest, AtomicWriteThatFailsLeavesTheOldFileAndNothingBeside) {
  ASSERT_TRUE(files_->CreateDirectories(At("taken/by/a/folder")).ok());
  EXPECT_FALSE(files_->WriteAtomically(At("taken"), "text").ok());
  EXPECT_EQ(*files_->List(directory_.path()), std::vector<std::string>{"taken"});
}

TEST_F(FileSystemTest, AFullDiskIsToldApartFromOtherErrors) {
  auto file = files_->Create("/dev/full");
  ASSERT_TRUE(file.ok());
  absl::Status status = (*file)->Append(std::string(1 << 20, 'x'));
  EXPECT_EQ(KindOf(status), ErrorKind::kDiskFull) << status;
  EXPECT_TRUE(absl::IsResourceExhausted(status));
  EXPECT_TRUE(absl::IsUnavailable(ErrnoStatus(EIO, "read", "x")));
}

TEST_F(FileSystemTest, WritesInSmallAndLargePiecesArriveInOrder) {
  auto file = files_->Create(At("pieces"));
  ASSERT_TRUE(file.ok());
  std::string expected;
  for (size_t size : {1u, 300'000u, 0u, 5u, 262'144u, 262'143u, 2u}) {
    std::string piece(size, static_cast<char>('a' + expected.size() % 26));
    ASSERT_TRUE((*file)->Append(piece).ok());
    expected += piece;
    EXPECT_EQ((*file)->size(), expected.size());
  }
  ASSERT_TRUE((*file)->Finish().ok());
  EXPECT_EQ(*files_->ReadFile(At("pieces")), expected);
}

TEST_F(FileSystemTest, AMappingOutlivesTheNameOfItsFile) {
  ASSERT_TRUE(files_->WriteAtomically(At("a"), "mapped").ok());
  ASSERT_TRUE(files_->WriteAtomically(At("empty"), "").ok());
  auto region = files_->Map(At("a"));
  ASSERT_TRUE(region.ok());
  ASSERT_TRUE(files_->Remove(At("a")).ok());
  EXPECT_EQ((*region)->bytes(), "mapped");
  EXPECT_EQ((*files_->Map(At("empty")))->bytes(), "");
  EXPECT_TRUE(absl::IsNotFound(files_->Map(At("a")).status()));
}

TEST_F(FileSystemTest, SaysHowMuchOfAMappingIsInMemory) {
  const std::string text(100'000, 'x');
  ASSERT_TRUE(files_->WriteAtomically(At("a"), text).ok());
  auto region = files_->Map(At("a"));
  ASSERT_TRUE(region.ok());
  EXPECT_EQ((*region)->bytes(), text) << "which reads all of it";
  EXPECT_EQ(ResidentBytes((*region)->bytes()), text.size());
  EXPECT_EQ(ResidentBytes({}), 0u);
}

TEST_F(FileSystemTest, NamesAreListedInOrder) {
  for (const char* name : {"b", "a", "c"}) ASSERT_TRUE(files_->WriteAtomically(At(name), "").ok());
  EXPECT_EQ(*files_->List(directory_.path()), (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_TRUE(absl::IsNotFound(files_->List(At("none")).status()));
}

TEST_F(FileSystemTest, DirectoriesAreMadeWithAllAboveThemAndTwiceIsNoError) {
  ASSERT_TRUE(files_->CreateDirectories(At("x/y/z")).ok());
  ASSERT_TRUE(files_->CreateDirectories(At("x/y/z/")).ok());
  EXPECT_TRUE(files_->Exists(At("x/y/z")));
  ASSERT_TRUE(files_->WriteAtomically(At("file"), "").ok());
  EXPECT_FALSE(files_->CreateDirectories(At("file/below")).ok());
}

TEST_F(FileSystemTest, RemovingWhatIsNotThereIsNoError) {
  EXPECT_TRUE(files_->Remove(At("none")).ok());
  ASSERT_TRUE(files_->CreateDirectories(At("x/y")).ok());
  EXPECT_TRUE(files_->Remove(At("x")).ok());
  EXPECT_FALSE(files_->Exists(At("x")));
}

TEST_F(FileSystemTest, DiskUsageCountsWhatLiesBelow) {
  ASSERT_TRUE(files_->CreateDirectories(At("x/y")).ok());
  ASSERT_TRUE(files_->WriteAtomically(At("x/y/a"), std::string(100'000, 'a')).ok());
  ASSERT_TRUE(files_->WriteAtomically(At("x/b"), std::string(100'000, 'b')).ok());
  EXPECT_GE(files_->DiskUsage(At("x")), 200'000u);
  EXPECT_EQ(files_->DiskUsage(At("none")), 0u);
  auto space = files_->Space(directory_.path());
  ASSERT_TRUE(space.ok());
  EXPECT_LE(space->free_bytes, space->total_bytes);
}

// Whether another process can take the lock.
bool AnotherProcessCanLock(const std::string& path) {
  const pid_t child = fork();
  if (child == 0) {
    const int fd = open(path.c_str(), O_RDWR);
    _exit(fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 ? 0 : 1);
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST_F(FileSystemTest, ALockKeepsOtherProcessesOutUntilItGoes) {
  auto lock = files_->Lock(At("LOCK"));
  ASSERT_TRUE(lock.ok());
  EXPECT_FALSE(AnotherProcessCanLock(At("LOCK")));
  auto second = files_->Lock(At("LOCK"));
  EXPECT_TRUE(absl::IsFailedPrecondition(second.status())) << "the same process counts as another";
  lock->reset();
  EXPECT_TRUE(AnotherProcessCanLock(At("LOCK")));
  EXPECT_TRUE(files_->Lock(At("LOCK")).ok());
}

}  // namespace
}  // namespace lineal
