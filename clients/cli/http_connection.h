// One HTTP/1.1 connection, kept alive between calls and opened again when the other side has closed it. HTTPS checks
// the certificate against the system's authorities.
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/http_url.h"

namespace lineal::cli {

struct HttpCall {
  std::string method = "GET";
  std::string target = "/";  // path and query, escaped
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;  // sent as application/json, if not empty
  int64_t timeout_ms = 60'000;
};
struct HttpReply {
  int status = 0;
  std::string body;
  std::optional<int64_t> retry_after_s;
};

class HttpConnection {
 public:
  explicit HttpConnection(HttpUrl url);
  ~HttpConnection();
  HttpConnection(HttpConnection&&) noexcept;

  // Any status the server gives is a reply. UNAVAILABLE when it cannot be reached or breaks off, DEADLINE_EXCEEDED when
  // it does not answer in time, FAILED_PRECONDITION for an unknown host or a certificate that is not trusted. A call on
  // a kept connection that the server has just closed is sent once more: only make calls that may be repeated.
  absl::StatusOr<HttpReply> Call(const HttpCall& call);

 private:
  struct Rep;
  std::unique_ptr<Rep> rep_;
};

}  // namespace lineal::cli
