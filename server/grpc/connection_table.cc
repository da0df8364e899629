#include "server/grpc/connection_table.h"

#include <sys/socket.h>
#include <sys/stat.h>

#include <algorithm>
#include <optional>

namespace lineal::server {
namespace {

// The cookie, or the inode where a kernel has no cookies; nothing when `fd` is no socket.
std::optional<uint64_t> CookieOf(int fd) {
  uint64_t cookie = 0;
  socklen_t size = sizeof cookie;
  if (getsockopt(fd, SOL_SOCKET, SO_COOKIE, &cookie, &size) == 0) return cookie;
  struct stat status;
  if (fstat(fd, &status) == 0 && S_ISSOCK(status.st_mode)) return status.st_ino;
  return std::nullopt;
}

}  // namespace

void ConnectionTable::Add(int fd) {
  if (auto cookie = CookieOf(fd)) open_.push_back({fd, *cookie});
}

void ConnectionTable::Reap() {
  std::erase_if(open_, [](const Open& open) { return CookieOf(open.fd) != open.cookie; });
}

}  // namespace lineal::server
