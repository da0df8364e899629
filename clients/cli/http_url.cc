#include "clients/cli/http_url.h"

#include <charconv>

#include "base/status.h"

namespace lineal::cli {

std::string HttpUrl::Origin() const {
  const bool v6 = host.find(':') != std::string::npos;
  return StrCat(tls ? "https://" : "http://", v6 ? "[" : "", host, v6 ? "]" : "", ":", port);
}

absl::StatusOr<HttpUrl> ParseHttpUrl(std::string_view text) {
  const auto refuse = [text](std::string_view why) {
    return InvalidArgument("\"", text.substr(0, 200), "\" is no address of the form http://host:port/path: ", why);
  };
  HttpUrl url;
  std::string_view rest = text;
  if (rest.starts_with("http://")) {
    rest.remove_prefix(7);
  } else if (rest.starts_with("https://")) {
    rest.remove_prefix(8);
    url.tls = true;
    url.port = 443;
  } else {
    return refuse("it does not begin with http:// or https://");
  }
  for (unsigned char c : rest) {
    if (c <= ' ' || c == 0x7f) return refuse("it holds a space or control character");
  }
  if (rest.find_first_of("?#@") != std::string_view::npos) return refuse("it has a query, fragment or user name");
  const size_t slash = std::min(rest.find('/'), rest.size());
  url.path = std::string(rest.substr(slash));
  while (url.path.ends_with('/')) url.path.pop_back();
  std::string_view authority = rest.substr(0, slash);
  std::string_view port;
  if (authority.starts_with('[')) {
    const size_t close = authority.find(']');
    if (close == std::string_view::npos) return refuse("a bracket is not closed");
    url.host = std::string(authority.substr(1, close - 1));
    port = authority.substr(close + 1);
    if (!port.empty() && port[0] != ':') return refuse("what follows the bracket is no port");
  } else {
    const size_t colon = std::min(authority.find(':'), authority.size());
    url.host = std::string(authority.substr(0, colon));
    port = authority.substr(colon);
  }
  if (url.host.empty()) return refuse("there is no host");
  if (!port.empty()) {
    port.remove_prefix(1);
    unsigned number = 0;
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (error != std::errc() || end != port.data() + port.size() || number == 0 || number > 65535) {
      return refuse("the port is not 1 to 65535");
    }
    url.port = static_cast<uint16_t>(number);
  }
  return url;
}

std::string PercentEncode(std::string_view text) {
  constexpr char kHex[] = "0123456789ABCDEF";
  std::string out;
  for (unsigned char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || c == '.' || c == '~';
    if (plain) {
      out.push_back(static_cast<char>(c));
    } else {
      out.append({'%', kHex[c >> 4], kHex[c & 15]});
    }
  }
  return out;
}

}  // namespace lineal::cli
