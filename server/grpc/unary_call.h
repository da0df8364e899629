// One unary call: reads the message, runs its handler on the work pool, writes the answer.
//
// Threads: gRPC's for the events, one of the work pool's for the handler. Deletes itself when gRPC is done with it,
// which is never before Finish.
#pragma once

#include <grpcpp/impl/codegen/async_generic_service.h>

#include "server/grpc/call_gate.h"
#include "server/grpc/callback_order.h"

namespace lineal::server {

class UnaryCall final : public grpc::ServerGenericBidiReactor {
 public:
  UnaryCall(CallGate* gate, const Method* method, grpc::GenericCallbackServerContext* context, Caller caller,
            int64_t started_ns);

  void OnReadDone(bool ok) override;
  void OnCancel() override;
  void OnDone() override;

 private:
  void Run();
  absl::Status Answer();
  void End(const absl::Status& status);

  CallGate* const gate_;
  const Method* const method_;
  grpc::GenericCallbackServerContext* const context_;
  const int64_t started_ns_;
  CallbackOrder order_;
  CallContext call_;
  grpc::ByteBuffer request_;
  grpc::ByteBuffer answer_;
  size_t held_bytes_ = 0;
  grpc::Status status_;
};

}  // namespace lineal::server
