// Fails one write or sync below a directory, or every one from there on. What to fail comes from the environment:
//
//   IO_FAULT_ROOT    the data directory
//   IO_FAULT_PLACE   log, data or segments
//   IO_FAULT_CALL    write or sync
//   IO_FAULT_AT      which call fails, from 1 on; 0 for none
//   IO_FAULT_MODE    once, forever (EIO); torn (half is written, then EIO, once); swallow (from there on nothing is
//                        written and success is claimed: the negative control)
//   IO_FAULT_NOTE    file that says what was failed; at a clean end IO_FAULT_NOTE.counts has all counts
#include "descriptor_path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/uio.h>

enum place { LOG, DATA, SEGMENTS, PLACES };
enum call { WRITE, SYNC, CALLS };
enum mode { ONCE, FOREVER, TORN, SWALLOW, MODES };
static const char* const place_names[] = {"log", "data", "segments"};
static const char* const call_names[] = {"write", "sync"};
static const char* const mode_names[] = {"once", "forever", "torn", "swallow"};

static const char *root, *note;
static int wanted_place, wanted_call, mode;
static long wanted_at;
static atomic_long counts[PLACES][CALLS];

static int index_of(const char* variable, const char* const* names, int count) {
  const char* value = getenv(variable);
  for (int i = 0; value != NULL && i < count; ++i) {
    if (strcmp(value, names[i]) == 0) return i;
  }
  return 0;
}

__attribute__((constructor)) static void read_environment(void) {
  root = getenv("IO_FAULT_ROOT");
  note = getenv("IO_FAULT_NOTE");
  wanted_place = index_of("IO_FAULT_PLACE", place_names, PLACES);
  wanted_call = index_of("IO_FAULT_CALL", call_names, CALLS);
  mode = index_of("IO_FAULT_MODE", mode_names, MODES);
  const char* at = getenv("IO_FAULT_AT");
  wanted_at = at == NULL ? 0 : atol(at);
}

static int place_of(const char* path) {
  if (strstr(path, "/segments") != NULL) return SEGMENTS;
  if (strncmp(path, "/log/", 5) == 0 || strcmp(path, "/log") == 0) return LOG;
  if (strncmp(path, "/shards/", 8) == 0 || strncmp(path, "/system", 7) == 0) return DATA;
  return PLACES;
}

static void append_to(const char* path, const char* text) {
  const int fd = open(path, O_CREAT | O_WRONLY | O_APPEND | O_CLOEXEC, 0640);
  if (fd < 0) return;
  if (NEXT(write)(fd, text, strlen(text)) < 0) perror(path);
  close(fd);
}

__attribute__((destructor)) static void write_counts(void) {
  if (note == NULL) return;
  char path[PATH_MAX], text[256];
  snprintf(path, sizeof path, "%s.counts", note);
  for (int place = 0; place < PLACES; ++place) {
    snprintf(text, sizeof text, "%s write %ld\n%s sync %ld\n", place_names[place], counts[place][WRITE],
             place_names[place], counts[place][SYNC]);
    append_to(path, text);
  }
}

// Whether this call is to fail; counts it and notes the first that does.
static int fails(int fd, int call) {
  const int before = errno;
  char buffer[PATH_MAX];
  const char* path = path_below(root, fd, buffer);
  const int place = path == NULL ? PLACES : place_of(path);
  int failing = 0;
  if (place != PLACES) {
    const long number = 1 + atomic_fetch_add(&counts[place][call], 1);
    const int on = mode == FOREVER || mode == SWALLOW;
    failing = wanted_at > 0 && place == wanted_place && call == wanted_call &&
              (number == wanted_at || (on && number > wanted_at));
    if (failing && number == wanted_at && note != NULL) {
      char text[PATH_MAX + 100];
      snprintf(text, sizeof text, "%s %ld of %s: %s\n", call_names[call], number, place_names[place], path);
      append_to(note, text);
    }
  }
  errno = before;
  return failing;
}

static ssize_t failed(ssize_t all) {
  if (mode == SWALLOW) return all;
  errno = EIO;
  return -1;
}

static ssize_t total_of(const struct iovec* pieces, int count) {
  ssize_t all = 0;
  for (int i = 0; i < count; ++i) all += (ssize_t)pieces[i].iov_len;
  return all;
}

ssize_t write(int fd, const void* bytes, size_t size) {
  if (!fails(fd, WRITE)) return NEXT(write)(fd, bytes, size);
  if (mode == TORN && NEXT(write)(fd, bytes, size / 2) < 0) return -1;
  return failed((ssize_t)size);
}

ssize_t pwrite(int fd, const void* bytes, size_t size, off_t offset) {
  if (!fails(fd, WRITE)) return NEXT(pwrite)(fd, bytes, size, offset);
  if (mode == TORN && NEXT(pwrite)(fd, bytes, size / 2, offset) < 0) return -1;
  return failed((ssize_t)size);
}

ssize_t pwrite64(int fd, const void* bytes, size_t size, off64_t offset) { return pwrite(fd, bytes, size, offset); }

ssize_t writev(int fd, const struct iovec* pieces, int count) {
  return fails(fd, WRITE) ? failed(total_of(pieces, count)) : NEXT(writev)(fd, pieces, count);
}

ssize_t pwritev(int fd, const struct iovec* pieces, int count, off_t offset) {
  return fails(fd, WRITE) ? failed(total_of(pieces, count)) : NEXT(pwritev)(fd, pieces, count, offset);
}

ssize_t pwritev64(int fd, const struct iovec* pieces, int count, off64_t offset) {
  return pwritev(fd, pieces, count, offset);
}

int fsync(int fd) { return fails(fd, SYNC) ? (int)failed(0) : NEXT(fsync)(fd); }
int fdatasync(int fd) { return fails(fd, SYNC) ? (int)failed(0) : NEXT(fdatasync)(fd); }

// Without flags it does nothing, and cannot fail: RocksDB asks so whether it is there at all.
int sync_file_range(int fd, off64_t offset, off64_t bytes, unsigned flags) {
  return flags != 0 && fails(fd, SYNC) ? (int)failed(0) : NEXT(sync_file_range)(fd, offset, bytes, flags);
}
