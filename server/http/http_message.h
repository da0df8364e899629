// One HTTP request's head and one response, as plain data: what the machinery of this folder and the application on top
// of it hand each other.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace lineal::server {

enum class HttpMethod { kGet, kPut, kPost, kPatch, kDelete, kHead, kOptions, kOther };
std::string_view NameOf(HttpMethod method);

// The head, complete before any byte of the body is read. Header names are in lower case.
struct HttpHead {
  HttpMethod method = HttpMethod::kGet;
  std::string target;  // as on the wire: path and query
  std::vector<std::pair<std::string, std::string>> headers;

  // The first header of that (lower-case) name, or nothing.
  std::optional<std::string_view> Find(std::string_view name) const;
};

struct HttpResponse {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;  // further ones
  bool close = false;                                        // end the connection after it
};

// The reason phrase of a status; "Unknown" for one this server never sends.
std::string_view ReasonOf(int status);

// The status line and headers of `response` as sent, up to and including the empty line.

std::string FormatResponseHead(const HttpResponse& response, bool keep_alive);

// The parts of a request target. The path's segments and the query's names and values are percent-decoded.
struct HttpTarget {
  std::vector<std::string> segments;
  std::vector<std::pair<std::string, std::string>> query;
};
// Nothing for a target that is not of origin or absolute form, or has a broken escape or a NUL in it.
std::optional<HttpTarget> ParseTarget(std::string_view target);

// Whether a header such as Accept-Encoding lists `token` with a weight above zero.
bool HeaderAccepts(std::string_view header, std::string_view token);

}  // namespace lineal::server
