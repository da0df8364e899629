#include "server/rest/query_params.h"

#include <algorithm>
#include <charconv>

#include "base/status.h"

namespace lineal::server {
namespace {

std::optional<uint64_t> ParseUint(std::string_view text) {
  uint64_t value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || text.empty()) return std::nullopt;
  return value;
}

std::vector<std::string> Split(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    size_t end = std::min(text.find(','), text.size());
    out.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

absl::Status Invalid(std::string_view name, std::string_view value, std::string_view wanted) {
  return MakeError(ErrorKind::kMalformed, StrCat(name, ": `", value.substr(0, 64), "` is not ", wanted));
}

absl::Status ReadOne(const std::string& name, const std::string& value, QueryParams* out) {
  if (name == "wait") {
    if (value != "true" && value != "false") return Invalid(name, value, "`true` or `false`");
    out->wait = value == "true";
  } else if (name == "timeout") {
    out->timeout_s = ParseUint(value);
    if (!out->timeout_s) return Invalid(name, value, "a whole number of seconds");
    if (*out->timeout_s == 0) return OutOfRange("timeout: value 0 invalid, must be 1 or larger");
  } else if (name == "ordering") {
    if (value != "weak" && value != "medium" && value != "strong") {
      return Invalid(name, value, "one of `weak`, `medium`, `strong`");
    }
  } else if (name == "consistency") {
    if (value != "majority" && value != "quorum" && value != "all" && !ParseUint(value)) {
      return Invalid(name, value, "a number or one of `majority`, `quorum`, `all`");
    }
  } else if (name == "as_of_seq") {
    for (const std::string& part : Split(value)) {
      auto seq = ParseUint(part);
      if (!seq) return Invalid(name, value, "a sequence number or a list of them");
      out->as_of_seq.push_back(Seq{*seq});
    }
  } else if (name == "as_of") {
    out->as_of = value;
  } else if (name == "history") {
    if (value != "true" && value != "false") return Invalid(name, value, "`true` or `false`");
    out->history = value == "true";
  } else if (name == "from" || name == "to" || name == "index" || name == "size" || name == "limit") {
    const auto number = ParseUint(value);
    if (!number) return Invalid(name, value, "a whole number");
    out->numbers[name] = *number;
  } else if (name == "with") {
    out->with = Split(value);
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<QueryParams> ReadQueryParams(const std::vector<std::pair<std::string, std::string>>& query) {
  QueryParams out;
  for (const auto& [name, value] : query) LINEAL_RETURN_IF_ERROR(ReadOne(name, value, &out));
  return out;
}

}  // namespace lineal::server
