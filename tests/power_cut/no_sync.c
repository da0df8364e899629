// The negative control: with this in LD_PRELOAD nothing is ever synced, and a power cut must lose acknowledged writes.
#define _GNU_SOURCE
#include <stddef.h>
#include <sys/types.h>

int fsync(int fd) { return (void)fd, 0; }
int fdatasync(int fd) { return (void)fd, 0; }
int sync_file_range(int fd, off64_t offset, off64_t bytes, unsigned flags) {
  return (void)fd, (void)offset, (void)bytes, (void)flags, 0;
}
int syncfs(int fd) { return (void)fd, 0; }
int msync(void* at, size_t bytes, int flags) { return (void)at, (void)bytes, (void)flags, 0; }
