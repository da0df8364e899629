#include <string>

#include "base/status.h"
#include "grpc/health/v1/health.pb.h"
#include "server/grpc/method_table.h"

namespace lineal::server {
namespace {

// Open to everybody: a probe has no key, and learns one bit.
absl::Status Check(const CallContext& call, const grpc::health::v1::HealthCheckRequest& request,
                   grpc::health::v1::HealthCheckResponse* answer) {
  const std::string& service = request.service();
  if (!service.empty() && service != "lineal.v1.Collections" && service != "lineal.v1.Points") {
    return NotFound("no service of that name");
  }
  absl::Status ready = call.service->database->Ready();
  answer->set_status(ready.ok() ? grpc::health::v1::HealthCheckResponse::SERVING
                                : grpc::health::v1::HealthCheckResponse::NOT_SERVING);
  return absl::OkStatus();
}

}  // namespace

void AddServiceMethods(MethodTable* table) {
  table->AddUnary("/grpc.health.v1.Health/Check", std::nullopt, WorkKind::kRead, Check);
  for (const char* version : {"v1", "v1alpha"}) {
    table->Add({StrCat("/grpc.reflection.", version, ".ServerReflection/ServerReflectionInfo"), Right::kRead,
                WorkKind::kRead, Method::Shape::kReflection, nullptr});
  }
}

}  // namespace lineal::server
