// One server-reflection call: which services there are, and the descriptors of their files. Answers on gRPC's threads,
// from descriptors that are in memory.
//
// Threads: gRPC's, one event at a time. Deletes itself when gRPC is done with it.
#pragma once

#include <grpcpp/impl/codegen/async_generic_service.h>

#include "lineal/wire/reflection.pb.h"
#include "server/grpc/call_gate.h"
#include "server/grpc/callback_order.h"

namespace lineal::server {

wire::ReflectionResponse AnswerReflection(const MethodTable& methods, const wire::ReflectionRequest& request);

class ReflectionCall final : public grpc::ServerGenericBidiReactor {
 public:
  ReflectionCall(CallGate* gate, const Method* method, grpc::GenericCallbackServerContext* context, int64_t started_ns);

  void OnReadDone(bool ok) override;
  void OnWriteDone(bool ok) override;
  void OnDone() override;

 private:
  void ReadNext();
  void End(const absl::Status& status);

  CallGate* const gate_;
  const Method* const method_;
  grpc::GenericCallbackServerContext* const context_;
  const int64_t started_ns_;
  CallbackOrder order_;
  grpc::ByteBuffer message_;
  grpc::ByteBuffer answer_;
  grpc::Status status_;
};

}  // namespace lineal::server
