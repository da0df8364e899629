#include "server/openlineage/event_batch.h"

#include "base/status.h"
#include "server/openlineage/openlineage_errors.h"

namespace lineal::server::openlineage {
namespace {

using engine::Value;

constexpr std::string_view kSpace = " \t\r\n";

absl::Status NoBatch(std::string_view why) {
  return MakeError(ErrorKind::kMalformed, StrCat("a batch is a JSON list of events: ", why));
}

// Where the element that begins at `at` ends: at a comma or bracket of the list. What is inside is judged later.
size_t EndOfElement(std::string_view body, size_t at) {
  int64_t depth = 0;
  for (bool in_string = false; at < body.size(); ++at) {
    const char c = body[at];
    if (in_string) {
      if (c == '\\') ++at;
      in_string = c != '"';
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if (depth == 0 && (c == ',' || c == ']')) {
      return at;
    } else if (c == '}' || c == ']') {
      --depth;
    }
  }
  return std::string_view::npos;
}

std::string_view Trimmed(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) + 1 - begin);
}

}  // namespace

absl::StatusOr<std::vector<std::string>> EventsOfBatch(std::string_view body) {
  body = Trimmed(body);
  if (body.empty() || body.front() != '[') return NoBatch("it begins with no bracket");
  std::vector<std::string> events;
  if (Trimmed(body.substr(1)) == "]") return events;
  for (size_t at = 1;;) {
    const size_t end = EndOfElement(body, at);
    if (end == std::string_view::npos) return NoBatch("it ends early");
    const std::string_view event = Trimmed(body.substr(at, end - at));
    if (event.empty()) return NoBatch("an event is missing");
    if (events.size() == kBatchEventsMax) {
      return InvalidArgument("the batch has more than ", kBatchEventsMax, " events");
    }
    events.emplace_back(event);
    at = end + 1;
    if (body[end] == ',') continue;
    if (at != body.size()) return NoBatch("something follows it");
    return events;
  }
}

Value BatchAnswer(const std::vector<absl::Status>& statuses) {
  Value::Array failed;
  for (size_t i = 0; i < statuses.size(); ++i) {
    if (statuses[i].ok()) continue;
    Value one = Value::EmptyObject();
    one.Set("index", Value(static_cast<int64_t>(i)));
    one.Set("reason", Value(std::string(MessageOf(statuses[i]))));
    one.Set("retriable", Value(HttpStatusOf(statuses[i]) >= 500));
    failed.push_back(std::move(one));
  }
  Value summary = Value::EmptyObject();
  summary.Set("received", Value(static_cast<int64_t>(statuses.size())));
  summary.Set("successful", Value(static_cast<int64_t>(statuses.size() - failed.size())));
  summary.Set("failed", Value(static_cast<int64_t>(failed.size())));
  Value answer = Value::EmptyObject();
  answer.Set("status", Value(failed.empty() ? "success" : "partial_success"));
  answer.Set("summary", std::move(summary));
  if (!failed.empty()) answer.Set("failed_events", Value(std::move(failed)));
  return answer;
}

}  // namespace lineal::server::openlineage
