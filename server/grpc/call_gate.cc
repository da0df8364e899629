#include "server/grpc/call_gate.h"

#include <grpc/support/time.h>

#include <algorithm>
#include <string>
#include <utility>

#include "base/status.h"
#include "server/grpc/callback_order.h"
#include "server/grpc/grpc_status.h"
#include "server/grpc/reflection_call.h"
#include "server/grpc/unary_call.h"
#include "server/grpc/upsert_stream.h"

namespace lineal::server {
namespace {

// How many messages of the greatest size may be held at once.
constexpr size_t kHeldMessages = 16;

std::string_view Text(grpc::string_ref text) { return {text.data(), text.size()}; }

std::string_view PresentedKey(const grpc::ServerContextBase& context) {
  const auto& metadata = context.client_metadata();
  if (auto key = metadata.find("api-key"); key != metadata.end()) return Text(key->second);
  auto authorization = metadata.find("authorization");
  if (authorization == metadata.end()) return {};
  constexpr std::string_view kBearer = "Bearer ";
  std::string_view value = Text(authorization->second);
  if (!value.starts_with(kBearer)) return {};
  return value.substr(kBearer.size());
}

std::string Metadata(const grpc::ServerContextBase& context, const char* name) {
  const auto found = context.client_metadata().find(name);
  return found == context.client_metadata().end() ? std::string() : std::string(Text(found->second));
}

// Ends a call with a status, without reading from it.
class RefusedCall final : public grpc::ServerGenericBidiReactor {
 public:
  explicit RefusedCall(const grpc::Status& status) {
    order_.Pass();
    Finish(status);
  }
  void OnDone() override {
    order_.Take();
    delete this;
  }

 private:
  CallbackOrder order_;
};

}  // namespace

CallGate::CallGate(const Service& service, MethodTable methods, size_t message_bytes_max)
    : service_(service),
      methods_(std::move(methods)),
      message_bytes_max_(message_bytes_max),
      held_bytes_max_(kHeldMessages * message_bytes_max) {}

grpc::ServerGenericBidiReactor* CallGate::CreateReactor(grpc::GenericCallbackServerContext* context) {
  const int64_t started_ns = service_.clock->MonotonicNs();
  auto refuse = [&](std::string_view endpoint, const absl::Status& why) {
    grpc::Status status = ToGrpc(why);
    Observe(endpoint, status, started_ns);
    return new RefusedCall(status);
  };
  const Method* method = methods_.Find(context->method());
  if (method == nullptr) return refuse("unknown", absl::UnimplementedError("no such method"));
  Caller caller;
  caller.session = Metadata(*context, "lineal-session");
  caller.space = Metadata(*context, "lineal-space");
  if (method->right) {
    absl::Status allowed = service_.access->Authorize(PresentedKey(*context), *method->right, &caller);
    if (!allowed.ok()) return refuse(method->path, allowed);
  }
  switch (method->shape) {
    case Method::Shape::kUnary:
      return new UnaryCall(this, method, context, std::move(caller), started_ns);
    case Method::Shape::kUpsertStream:
      return new UpsertStream(this, method, context, std::move(caller), started_ns);
    case Method::Shape::kReflection:
      return new ReflectionCall(this, method, context, started_ns);
  }
  return refuse("unknown", absl::UnimplementedError("no such method"));
}

Deadline CallGate::DeadlineOf(const grpc::ServerContextBase& context) const {
  const gpr_timespec deadline = context.raw_deadline();
  const int64_t client_ms = gpr_time_to_millis(gpr_time_sub(deadline, gpr_now(deadline.clock_type)));
  return Deadline::AfterMs(service_.clock, std::clamp<int64_t>(client_ms, 0, service_.request_timeout_ms));
}

int64_t CallGate::MessageDueNs() const {
  return service_.clock->MonotonicNs() + service_.request_timeout_ms * 1'000'000;
}

absl::Status CallGate::HoldBytes(size_t bytes) {
  if (held_bytes_.fetch_add(bytes) + bytes <= held_bytes_max_) return absl::OkStatus();
  held_bytes_ -= bytes;
  service_.metrics->CountRefused("overload");
  return MakeError(ErrorKind::kOverload,
                   StrCat("requests of more than ", held_bytes_max_, " bytes are waiting; try again in a moment"));
}

void CallGate::Observe(std::string_view path, const grpc::Status& status, int64_t started_ns) const {
  const auto seconds = 1e-9 * static_cast<double>(service_.clock->MonotonicNs() - started_ns);
  service_.metrics->ObserveRequest("grpc", "", path, status.error_code(), seconds);
}

}  // namespace lineal::server
