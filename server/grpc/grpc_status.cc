#include "server/grpc/grpc_status.h"

#include <grpcpp/server_context.h>

#include <string>

#include "base/status.h"

namespace lineal::server {

grpc::Status ToGrpc(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), std::string(MessageOf(status)));
}

grpc::Status ToGrpc(const absl::Status& status, grpc::ServerContextBase* context) {
  if (KindOf(status) == ErrorKind::kOverload) context->AddTrailingMetadata("retry-after", "1");
  return ToGrpc(status);
}

}  // namespace lineal::server
