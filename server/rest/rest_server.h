// The REST door: HTTP/1.1 in the Qdrant dialect (docs/rest.md).
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/core/service.h"

namespace lineal::server {

struct RestOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 6333;  // 0 picks one
  int io_threads = 1;
  size_t connections_max = 8192;
  int64_t idle_timeout_ms = 60'000;
  int64_t header_timeout_ms = 10'000;
};

class RestServer {
 public:
  // Listens and serves until Stop(). UNAVAILABLE if the port is taken.
  static absl::StatusOr<std::unique_ptr<RestServer>> Start(const RestOptions& options, const Service& service);
  virtual ~RestServer() = default;
  virtual uint16_t port() const = 0;
  // Stops accepting, lets requests in flight finish within `drain_ms`, closes. Idempotent.
  virtual void Stop(int64_t drain_ms) = 0;
};

}  // namespace lineal::server
