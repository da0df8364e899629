// What every JSON answer is wrapped in, and which HTTP status and words a Status becomes.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "server/http/http_message.h"

namespace lineal::server {

// Where a problem of kind malformed or out of range lies, for its words.
enum class ErrorSource { kBody, kQuery };

struct HttpError {
  int status = 500;
  std::string text;
  int retry_after_s = 0;  // 0 for none
};
HttpError ErrorOf(const absl::Status& status, ErrorSource source = ErrorSource::kBody);

// {"result": <result>, "status": "ok", "time": seconds}; `result` holds the text before "status".
HttpResponse ResultResponse(std::string result, double seconds);
// {"status": {"error": text}, "time": seconds}; 401 is plain text.
HttpResponse ErrorResponse(const absl::Status& status, double seconds, ErrorSource source = ErrorSource::kBody);
HttpResponse ErrorResponse(const HttpError& error, double seconds);
HttpResponse TextResponse(int status, std::string_view text);

}  // namespace lineal::server
