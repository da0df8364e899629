// The gRPC door: lineal.v1, health and reflection, behind an acceptor of our own.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/core/service.h"

namespace lineal::server {

struct GrpcOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 6334;  // 0 picks one
  size_t connections_max = 4096;
  int max_message_bytes = 64 << 20;
};

class GrpcServer {
 public:
  // Listens and serves until Stop(). UNAVAILABLE if the port is taken.
  static absl::StatusOr<std::unique_ptr<GrpcServer>> Start(const GrpcOptions& options, const Service& service);
  virtual ~GrpcServer() = default;
  virtual uint16_t port() const = 0;
  // Stops accepting, lets calls in flight finish within `drain_ms`, closes. Idempotent.
  virtual void Stop(int64_t drain_ms) = 0;
};

}  // namespace lineal::server
