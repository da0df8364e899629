#include "engine/lineage/checkpoint.h"

#include <charconv>

#include "base/base64.h"
#include "base/status.h"

namespace lineal::engine {
namespace {

constexpr std::string_view kTime = "time ";

std::string_view TakeLine(std::string_view* text) {
  const std::string_view line = text->substr(0, text->find('\n'));
  text->remove_prefix(std::min(line.size() + 1, text->size()));
  return line;
}

// In the one spelling that it has.
template <class T>
bool ReadNumber(std::string_view text, T* out) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *out);
  return error == std::errc() && end == text.data() + text.size() && StrCat(*out) == text;
}

}  // namespace

std::string CheckpointText(const AuditCheckpoint& checkpoint) {
  return StrCat(checkpoint.origin, "\n", checkpoint.size, "\n", Base64(BytesOf(checkpoint.root)), "\n", kTime,
                checkpoint.wall_ms, "\n");
}

absl::StatusOr<AuditCheckpoint> ParseCheckpoint(std::string_view text) {
  AuditCheckpoint out;
  out.origin = std::string(TakeLine(&text));
  const bool sized = ReadNumber(TakeLine(&text), &out.size);
  const auto root = FromBase64(TakeLine(&text));
  if (out.origin.empty() || !sized || !root || root->size() != out.root.size()) {
    return InvalidArgument("a checkpoint has a line for its log's name, one for the size and one for the root");
  }
  std::copy(root->begin(), root->end(), out.root.begin());
  while (!text.empty()) {
    const std::string_view line = TakeLine(&text);
    if (line.starts_with(kTime) && !ReadNumber(line.substr(kTime.size()), &out.wall_ms)) {
      return InvalidArgument("the time of a checkpoint is no number");
    }
  }
  return out;
}

absl::StatusOr<AuditCheckpoint> OpenCheckpoint(std::string_view note, const NoteVerifier& verifier) {
  LINEAL_ASSIGN_OR_RETURN(const std::string text, OpenNote(note, verifier));
  return ParseCheckpoint(text);
}

}  // namespace lineal::engine
