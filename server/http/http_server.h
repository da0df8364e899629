// An HTTP/1.1 server: a listener with a connection cap, keep-alive sessions as coroutines on a few io threads, limits
// and timeouts for slow and greedy clients. What the paths mean is the application's.
//
// Threads: Stop() and the accessors from any; everything else runs on the server's own io threads.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "server/http/http_application.h"

namespace lineal::server {

struct HttpServerOptions {
  std::string host = "127.0.0.1";
  uint16_t port = 0;  // 0 picks one
  int io_threads = 1;
  size_t connections_max = 8192;
  uint32_t header_bytes_max = 16 << 10;
  uint64_t body_bytes_max = 32ull << 20;
  uint64_t bodies_bytes_max = 1ull << 30;  // of all requests being received or run together
  int64_t idle_timeout_ms = 60'000;        // between requests of one connection
  int64_t header_timeout_ms = 10'000;      // for a whole head, and for the first byte of a new connection
  int64_t body_pause_ms = 10'000;          // the longest wait between two pieces of a body
  int64_t body_timeout_ms = 300'000;       // for a whole body
  int64_t write_timeout_ms = 60'000;       // for a whole answer
  uint64_t gzip_bytes_min = 1024;          // smaller answers go out plain
};

class HttpServer {
 public:
  // Both are borrowed until Stop() has returned. UNAVAILABLE if the address cannot be listened on.
  static absl::StatusOr<std::unique_ptr<HttpServer>> Start(const HttpServerOptions& options,
                                                           HttpApplication* application, WorkPool* work);
  virtual ~HttpServer() = default;
  virtual uint16_t port() const = 0;
  virtual size_t connections() const = 0;
  // Stops accepting, closes idle connections, lets requests in flight finish within `drain_ms`, cancels and closes the
  // rest. Idempotent.
  virtual void Stop(int64_t drain_ms) = 0;
};

}  // namespace lineal::server
