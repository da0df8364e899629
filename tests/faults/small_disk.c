// A small disk where none can be mounted: below SMALL_DISK_ROOT all files together may have SMALL_DISK_BYTES. What is
// used is counted anew every few milliseconds, so that files that come and go from outside are seen.
#include "descriptor_path.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <time.h>

static const int64_t kRecountNs = 5 * 1000 * 1000;
static const int64_t kBlock = 4096;

static char root[PATH_MAX];
static int64_t budget;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int64_t used, counting, counted_ns;

__attribute__((constructor)) static void read_environment(void) {
  const char* given = getenv("SMALL_DISK_ROOT");
  const char* bytes = getenv("SMALL_DISK_BYTES");
  if (given == NULL || bytes == NULL || realpath(given, root) == NULL) root[0] = 0;
  budget = bytes == NULL ? 0 : atoll(bytes);
}

static int64_t allocated(const struct stat* info) {
  const int64_t by_size = (info->st_size + kBlock - 1) / kBlock * kBlock;
  const int64_t by_blocks = (int64_t)info->st_blocks * 512;
  return by_size > by_blocks ? by_size : by_blocks;
}

static int count_file(const char* path, const struct stat* info, int type) {
  (void)path;
  if (type == FTW_F && S_ISREG(info->st_mode)) counting += allocated(info);
  return 0;
}

static int64_t now_ns(void) {
  struct timespec now;
  clock_gettime(CLOCK_MONOTONIC, &now);
  return now.tv_sec * 1000000000ll + now.tv_nsec;
}

// With the mutex.
static int64_t free_bytes(void) {
  if (counted_ns == 0 || now_ns() - counted_ns >= kRecountNs) {
    counting = 0;
    ftw(root, count_file, 16);
    used = counting;
    counted_ns = now_ns();
  }
  return used >= budget ? 0 : budget - used;
}

// How many of `size` bytes, the last of which is `end`, there is room for. With `whole` it is all or nothing.
static size_t grant(int fd, int64_t end, size_t size, int whole) {
  const int before = errno;
  struct stat info;
  if (fstat(fd, &info) != 0) return size;
  const int64_t wanted = (end + kBlock - 1) / kBlock * kBlock - allocated(&info);
  if (wanted > 0) {
    pthread_mutex_lock(&mutex);
    const int64_t room = free_bytes() / kBlock * kBlock;
    const int64_t given = room >= wanted ? wanted : whole ? 0 : room;
    used += given;
    pthread_mutex_unlock(&mutex);
    const int64_t missing = wanted - given;
    size = missing >= (int64_t)size ? 0 : size - (size_t)missing;
  }
  errno = before;
  return size;
}

static int has_room(int fd, int64_t end, size_t size) { return grant(fd, end, size, 1) == size; }

static int is_ours(int fd) {
  const int before = errno;
  char buffer[PATH_MAX];
  const int ours = root[0] != 0 && path_below(root, fd, buffer) != NULL;
  errno = before;
  return ours;
}

static int64_t position_of(int fd) {
  struct stat info;
  if ((fcntl(fd, F_GETFL) & O_APPEND) != 0) return fstat(fd, &info) == 0 ? info.st_size : 0;
  return lseek(fd, 0, SEEK_CUR);
}

static int full(void) {
  errno = ENOSPC;
  return -1;
}

ssize_t write(int fd, const void* bytes, size_t size) {
  if (size == 0 || !is_ours(fd)) return NEXT(write)(fd, bytes, size);
  const size_t granted = grant(fd, position_of(fd) + (int64_t)size, size, 0);
  return granted == 0 ? full() : NEXT(write)(fd, bytes, granted);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  if (size == 0 || !is_ours(fd)) return NEXT(pwrite)(fd, bytes, size, offset);
  const size_t granted = grant(fd, offset + (int64_t)size, size, 0);
  return granted == 0 ? full() : NEXT(pwrite)(fd, bytes, granted, offset);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) { return pwrite(fd, bytes, size, offset); }

ssize_t writev(int fd, const struct iovec* pieces, int count) {
  size_t size = 0;
  for (int i = 0; i < count; ++i) size += pieces[i].iov_len;
  if (size == 0 || !is_ours(fd)) return NEXT(writev)(fd, pieces, count);
  return !has_room(fd, position_of(fd) + (int64_t)size, size) ? full() : NEXT(writev)(fd, pieces, count);
}

int fallocate(int fd, int flags, off_t offset, off_t size) {
  if ((flags & ~FALLOC_FL_KEEP_SIZE) == 0 && is_ours(fd) && !has_room(fd, offset + size, (size_t)size)) {
    return full();
  }
  return NEXT(fallocate)(fd, flags, offset, size);
}

int fallocate64(int fd, int flags, off64_t offset, off64_t size) { return fallocate(fd, flags, offset, size); }

int posix_fallocate(int fd, off_t offset, off_t size) {
  if (is_ours(fd) && !has_room(fd, offset + size, (size_t)size)) return ENOSPC;
  return NEXT(posix_fallocate)(fd, offset, size);
}

int posix_fallocate64(int fd, off64_t offset, off64_t size) { return posix_fallocate(fd, offset, size); }

int ftruncate(int fd, off_t size) {
  if (is_ours(fd) && size > 0 && !has_room(fd, size, (size_t)size)) return full();
  return NEXT(ftruncate)(fd, size);
}

int ftruncate64(int fd, off64_t size) { return ftruncate(fd, size); }

// A new file takes its first block when it is written; making it always works.
int statvfs(const char* path, struct statvfs* info) {
  const int result = NEXT(statvfs)(path, info);
  char real[PATH_MAX];
  if (result != 0 || root[0] == 0 || realpath(path, real) == NULL || strncmp(real, root, strlen(root)) != 0) {
    return result;
  }
  pthread_mutex_lock(&mutex);
  info->f_bavail = info->f_bfree = (fsblkcnt_t)free_bytes() / info->f_frsize;
  pthread_mutex_unlock(&mutex);
  info->f_blocks = (fsblkcnt_t)budget / info->f_frsize;
  return 0;
}

int statvfs64(const char* path, struct statvfs64* info) { return statvfs(path, (struct statvfs*)info); }
