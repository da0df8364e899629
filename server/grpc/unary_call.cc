#include "server/grpc/unary_call.h"

#include <utility>

#include "base/status.h"
#include "server/grpc/grpc_status.h"

namespace lineal::server {

UnaryCall::UnaryCall(CallGate* gate, const Method* method, grpc::GenericCallbackServerContext* context, Caller caller,
                     int64_t started_ns)
    : gate_(gate), method_(method), context_(context), started_ns_(started_ns) {
  call_.service = &gate->service();
  call_.message_bytes_max = gate->message_bytes_max();
  call_.caller = std::move(caller);
  call_.deadline = gate->DeadlineOf(*context);
  gate_->idle_calls().Add(context_, gate_->MessageDueNs());
  order_.Pass();
  StartRead(&request_);
}

void UnaryCall::OnReadDone(bool ok) {
  order_.Take();
  gate_->idle_calls().Remove(context_);
  if (!ok) return End(InvalidArgument("the call ended before its message"));
  absl::Status held = gate_->HoldBytes(request_.Length());
  if (!held.ok()) return End(held);
  held_bytes_ = request_.Length();
  absl::Status queued = gate_->service().work->Submit(method_->work, [this] { Run(); });
  if (queued.ok()) return;
  gate_->service().metrics->CountRefused("overload");
  End(queued);
}

void UnaryCall::Run() {
  absl::Status status = Answer();
  if (!status.ok()) return End(status);
  order_.Pass();
  StartWriteAndFinish(&answer_, grpc::WriteOptions(), grpc::Status::OK);
}

absl::Status UnaryCall::Answer() {
  LINEAL_RETURN_IF_ERROR(call_.deadline.Check());
  return method_->handle(call_, request_, &answer_);
}

void UnaryCall::End(const absl::Status& status) {
  status_ = ToGrpc(status, context_);
  order_.Pass();
  Finish(status_);
}

void UnaryCall::OnCancel() {
  order_.Take();
  call_.deadline.Cancel();
}

void UnaryCall::OnDone() {
  order_.Take();
  gate_->ReleaseBytes(held_bytes_);
  gate_->Observe(method_->path, status_, started_ns_);
  delete this;
}

}  // namespace lineal::server
