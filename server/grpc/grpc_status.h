// Our statuses as gRPC's.
//
// Threads: any.
#pragma once

#include <grpcpp/support/status.h>

#include "absl/status/status.h"

namespace grpc {
class ServerContextBase;
}

namespace lineal::server {

// The same code number and message.
grpc::Status ToGrpc(const absl::Status& status);
// The same; an overload also leaves the trailing metadata `retry-after: 1` on the call. To be called before the call
// is finished.
grpc::Status ToGrpc(const absl::Status& status, grpc::ServerContextBase* context);

}  // namespace lineal::server
