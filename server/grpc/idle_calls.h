// Calls that wait for a message of their client, each with the time it may wait until. What gRPC itself does not bound:
// a client that opens calls and sends nothing would hold them for ever.
//
// Threads: any. A call is removed before its context dies.
#pragma once

#include <grpcpp/server_context.h>

#include <cstdint>
#include <mutex>

#include "absl/container/flat_hash_map.h"

namespace lineal::server {

class IdleCalls {
 public:
  void Add(grpc::ServerContextBase* context, int64_t until_ns);
  void Remove(grpc::ServerContextBase* context);
  // Cancels what has waited too long; says how many.
  size_t CancelExpired(int64_t now_ns);

 private:
  std::mutex mutex_;
  absl::flat_hash_map<grpc::ServerContextBase*, int64_t> until_ns_;
};

}  // namespace lineal::server
