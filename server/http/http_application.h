// What the HTTP machinery asks of the application it serves: first about a request's head, before any byte of its body
// is read, then, with the body, for the answer.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "base/deadline.h"
#include "server/core/work_pool.h"
#include "server/http/http_message.h"

namespace lineal::server {

// One request on its way. Made on an io thread; Run() is called at most once, on a thread of the work pool or, without
// `where`, on the io thread; Finished() is called once, on the io thread, and last.
class HttpExchange {
 public:
  virtual ~HttpExchange() = default;

  // Set when the head alone decides the answer (unauthorized, no such path): the body is not read.
  std::optional<HttpResponse> refusal;
  // Where Run() belongs; nothing for what never blocks.
  std::optional<WorkKind> where;
  // Cancelled when the client goes away.
  Deadline deadline;

  // `body` is unfolded already and has at least kBodyPadding bytes of capacity behind its end.
  virtual HttpResponse Run(std::string body) = 0;
  // The answer to a failure that the machinery met: body too large, too slow, not gzip, queue full.
  virtual HttpResponse Fail(const absl::Status& status) = 0;
  virtual void Finished(int status) = 0;

  static constexpr size_t kBodyPadding = 64;
};

// Threads: all io threads.
class HttpApplication {
 public:
  virtual ~HttpApplication() = default;
  virtual std::unique_ptr<HttpExchange> Begin(HttpHead head) = 0;
  // The answer to what could not be read as a request: 400 or 431.
  virtual HttpResponse Unreadable(int status, std::string_view problem) = 0;
  virtual void ConnectionsChanged(int64_t open) = 0;
  // "connection_cap", "descriptors", "body_memory".
  virtual void Refused(std::string_view reason) = 0;
};

}  // namespace lineal::server
