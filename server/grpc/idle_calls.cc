#include "server/grpc/idle_calls.h"

#include <limits>

namespace lineal::server {

void IdleCalls::Add(grpc::ServerContextBase* context, int64_t until_ns) {
  std::lock_guard lock(mutex_);
  until_ns_[context] = until_ns;
}

void IdleCalls::Remove(grpc::ServerContextBase* context) {
  std::lock_guard lock(mutex_);
  until_ns_.erase(context);
}

size_t IdleCalls::CancelExpired(int64_t now_ns) {
  std::lock_guard lock(mutex_);
  size_t cancelled = 0;
  for (auto& [context, until_ns] : until_ns_) {
    if (until_ns > now_ns) continue;
    context->TryCancel();
    until_ns = std::numeric_limits<int64_t>::max();
    ++cancelled;
  }
  return cancelled;
}

}  // namespace lineal::server
