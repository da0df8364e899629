// A running server, spoken to over REST: JSON in, the `result` of the answer out, errors as statuses with the server's
// own words.
//
// Threads: one at a time; make one for each thread.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "clients/cli/http_connection.h"
#include "engine/payload/value.h"

namespace lineal::cli {

class ServerClient {
 public:
  // INVALID_ARGUMENT for a bad address.
  static absl::StatusOr<ServerClient> Connect(std::string_view url, std::string api_key);

  // The `result` of the answer (or all of it, where there is no envelope). NOT_FOUND, ALREADY_EXISTS,
  // RESOURCE_EXHAUSTED, UNAVAILABLE, ... by the answer's status.
  absl::StatusOr<engine::Value> Call(std::string_view method, std::string_view target, std::string body = {});

  // Writes from now on are part of this ingest session.
  void SetSession(std::string session) { session_ = std::move(session); }
  // Seconds the last refused answer asked to wait; 0 if it did not.
  int64_t retry_after_s() const { return retry_after_s_; }

 private:
  ServerClient(HttpUrl url, std::string api_key) : url_(url), connection_(std::move(url)), key_(std::move(api_key)) {}

  HttpUrl url_;
  HttpConnection connection_;
  std::string key_;
  std::string session_;
  int64_t retry_after_s_ = 0;
};

// "/collections/NAME" and what follows, the name escaped.
std::string CollectionPath(std::string_view collection, std::string_view rest = {});

// The status that an HTTP status stands for.
absl::StatusCode CodeOfHttp(int status);

}  // namespace lineal::cli
