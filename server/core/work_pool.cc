#include "server/core/work_pool.h"

#include <utility>

#include "base/status.h"

namespace lineal::server {
namespace {

// Creating, changing and dropping collections is rare and slow; two threads keep one slow call from holding the rest.
constexpr size_t kManageThreads = 2;

std::string_view NameOf(WorkKind kind) {
  switch (kind) {
    case WorkKind::kRead:
      return "read";
    case WorkKind::kWrite:
      return "write";
    case WorkKind::kManage:
      return "manage";
  }
  return "";
}

}  // namespace

WorkPool::WorkPool(const WorkPoolOptions& options)
    : reads_("read", options.read_threads, options.queue_max, {.processors = options.read_processors}),
      writes_("write", options.write_threads, options.queue_max),
      manage_("manage", kManageThreads, options.queue_max) {}

Executor& WorkPool::Of(WorkKind kind) {
  switch (kind) {
    case WorkKind::kRead:
      return reads_;
    case WorkKind::kWrite:
      return writes_;
    case WorkKind::kManage:
      return manage_;
  }
  return reads_;
}

absl::Status WorkPool::Submit(WorkKind kind, std::function<void()> work) {
  if (Of(kind).Submit(std::move(work))) return absl::OkStatus();
  if (stopping_.load()) return Unavailable("the server is stopping");
  return MakeError(ErrorKind::kOverload, StrCat("the ", NameOf(kind), " queue is full with ", queued(kind),
                                                " requests; try again in a moment"));
}

size_t WorkPool::queued(WorkKind kind) const { return const_cast<WorkPool*>(this)->Of(kind).queued(); }

void WorkPool::Stop() {
  stopping_ = true;
  writes_.Stop();
  manage_.Stop();
  reads_.Stop();
}

}  // namespace lineal::server
