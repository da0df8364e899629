// The server's own numbers, in Prometheus text at /metrics.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "engine/api/database.h"

namespace lineal::server {

class ServerMetrics {
 public:
  ServerMetrics();
  ~ServerMetrics();
  // `protocol` is "rest" or "grpc"; `endpoint` is a route template or method name, never a path with names in it;
  // `status` is the HTTP status or gRPC code number.
  void ObserveRequest(std::string_view protocol, std::string_view method, std::string_view endpoint, int status,
                      double seconds);
  void SetConnections(std::string_view protocol, int64_t open);
  void CountRefused(std::string_view reason);  // "overload", "connection_cap", "too_large", ...
  void CountSearch(double cpu_seconds);        // of the engine alone
  // Everything, with the database's state read now.
  std::string Render(engine::Database& database);

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace lineal::server
