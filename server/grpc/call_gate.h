// Where every RPC comes in, before a byte of its message is read: finds the method, checks the key against the right it
// needs, works out the deadline, and gives the call to the reactor of its shape. One generic service stands for all
// methods, so that none can be reached past it.
//
// Threads: gRPC's. Owned by the server; calls borrow it.
#pragma once

#include <grpcpp/impl/codegen/async_generic_service.h>

#include <atomic>
#include <string_view>

#include "server/core/service.h"
#include "server/grpc/idle_calls.h"
#include "server/grpc/method_table.h"

namespace lineal::server {

class CallGate final : public grpc::CallbackGenericService {
 public:
  CallGate(const Service& service, MethodTable methods, size_t message_bytes_max);

  grpc::ServerGenericBidiReactor* CreateReactor(grpc::GenericCallbackServerContext* context) override;

  const Service& service() const { return service_; }
  const MethodTable& methods() const { return methods_; }
  IdleCalls& idle_calls() { return idle_calls_; }
  size_t message_bytes_max() const { return message_bytes_max_; }

  // The sooner of the client's deadline and the server's time for a request, from now.
  Deadline DeadlineOf(const grpc::ServerContextBase& context) const;
  // The time by which a client must have sent a message it owes.
  int64_t MessageDueNs() const;

  // Request bytes held by calls that are queued or running. RESOURCE_EXHAUSTED of kind overload when they are too many;
  // each success needs one ReleaseBytes.
  absl::Status HoldBytes(size_t bytes);
  void ReleaseBytes(size_t bytes) { held_bytes_ -= bytes; }

  void Observe(std::string_view path, const grpc::Status& status, int64_t started_ns) const;

 private:
  const Service service_;
  const MethodTable methods_;
  const size_t message_bytes_max_;
  const size_t held_bytes_max_;
  IdleCalls idle_calls_;
  std::atomic<size_t> held_bytes_{0};
};

}  // namespace lineal::server
