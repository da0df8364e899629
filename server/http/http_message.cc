#include "server/http/http_message.h"

#include <algorithm>
#include <charconv>

#include "base/strings.h"

namespace lineal::server {

std::string_view NameOf(HttpMethod method) {
  switch (method) {
    case HttpMethod::kGet:
      return "GET";
    case HttpMethod::kPut:
      return "PUT";
    case HttpMethod::kPost:
      return "POST";
    case HttpMethod::kPatch:
      return "PATCH";
    case HttpMethod::kDelete:
      return "DELETE";
    case HttpMethod::kHead:
      return "HEAD";
    case HttpMethod::kOptions:
      return "OPTIONS";
    case HttpMethod::kOther:
      return "OTHER";
  }
  return "OTHER";
}

std::optional<std::string_view> HttpHead::Find(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return std::nullopt;
}

std::string_view ReasonOf(int status) {
  switch (status) {
    case 100:
      return "Continue";
    case 200:
      return "OK";
    case 204:
      return "No Content";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 413:
      return "Payload Too Large";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 422:
      return "Unprocessable Entity";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 507:
      return "Insufficient Storage";
    default:
      return "Unknown";
  }
}

std::string FormatResponseHead(const HttpResponse& response, bool keep_alive) {
  std::string out;
  out.reserve(256);
  StrAppend(&out, "HTTP/1.1 ", response.status, " ", ReasonOf(response.status), "\r\n");
  if (!response.content_type.empty()) StrAppend(&out, "Content-Type: ", response.content_type, "\r\n");
  if (response.status != 204) StrAppend(&out, "Content-Length: ", response.body.size(), "\r\n");
  for (const auto& [name, value] : response.headers) StrAppend(&out, name, ": ", value, "\r\n");
  StrAppend(&out, keep_alive ? "Connection: keep-alive\r\n\r\n" : "Connection: close\r\n\r\n");
  return out;
}

namespace {

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool PercentDecode(std::string_view text, bool plus_is_space, std::string* out) {
  out->clear();
  out->reserve(text.size());
  for (size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return false;
      int high = HexDigit(text[i + 1]), low = HexDigit(text[i + 2]);
      if (high < 0 || low < 0) return false;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    } else if (c == '+' && plus_is_space) {
      c = ' ';
    }
    if (c == '\0') return false;
    out->push_back(c);
  }
  return true;
}

// "http://host/path" → "/path".
std::string_view StripAuthority(std::string_view target) {
  size_t scheme = target.find("://");
  if (scheme == std::string_view::npos || target.substr(0, scheme).find('/') != std::string_view::npos) return target;
  size_t path = target.find('/', scheme + 3);
  return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

bool ParseQuery(std::string_view query, HttpTarget* out) {
  while (!query.empty()) {
    size_t end = std::min(query.find('&'), query.size());
    std::string_view pair = query.substr(0, end);
    query.remove_prefix(std::min(end + 1, query.size()));
    if (pair.empty()) continue;
    size_t equals = std::min(pair.find('='), pair.size());
    std::string name, value;
    if (!PercentDecode(pair.substr(0, equals), true, &name)) return false;
    if (!PercentDecode(pair.substr(std::min(equals + 1, pair.size())), true, &value)) return false;
    out->query.emplace_back(std::move(name), std::move(value));
  }
  return true;
}

std::string_view Trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

}  // namespace

std::optional<HttpTarget> ParseTarget(std::string_view target) {
  target = StripAuthority(target);
  if (target.empty() || target.front() != '/') return std::nullopt;
  target = target.substr(0, target.find('#'));
  HttpTarget out;
  size_t question = std::min(target.find('?'), target.size());
  std::string_view path = target.substr(1, question - 1);
  while (!path.empty()) {
    size_t end = std::min(path.find('/'), path.size());
    std::string segment;
    if (!PercentDecode(path.substr(0, end), false, &segment)) return std::nullopt;
    out.segments.push_back(std::move(segment));
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  if (question < target.size() && !ParseQuery(target.substr(question + 1), &out)) return std::nullopt;
  return out;
}

bool HeaderAccepts(std::string_view header, std::string_view token) {
  while (!header.empty()) {
    size_t end = std::min(header.find(','), header.size());
    std::string_view item = header.substr(0, end);
    header.remove_prefix(std::min(end + 1, header.size()));
    size_t semicolon = std::min(item.find(';'), item.size());
    if (Trim(item.substr(0, semicolon)) != token) continue;
    std::string_view weight = Trim(item.substr(std::min(semicolon + 1, item.size())));
    if (!weight.starts_with("q=")) return true;
    return weight.substr(2).find_first_of("123456789") != std::string_view::npos;
  }
  return false;
}

}  // namespace lineal::server
