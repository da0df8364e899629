#include "base/status.h"

#include "absl/strings/cord.h"

namespace lineal {
namespace {

constexpr char kKindUrl[] = "lineal/kind";

absl::StatusCode CodeOf(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::kDiskFull:
    case ErrorKind::kOverload:
      return absl::StatusCode::kResourceExhausted;
    case ErrorKind::kNone:
    case ErrorKind::kOutOfRange:
    case ErrorKind::kMalformed:
    case ErrorKind::kIndexRequired:
    case ErrorKind::kPayloadTooLarge:
      return absl::StatusCode::kInvalidArgument;
    case ErrorKind::kConflict:
      return absl::StatusCode::kFailedPrecondition;
  }
  return absl::StatusCode::kInternal;
}

}  // namespace

absl::Status MakeError(ErrorKind kind, std::string_view message) {
  absl::Status status(CodeOf(kind), std::string(message));
  if (kind != ErrorKind::kNone) status.SetPayload(kKindUrl, absl::Cord(std::string(1, static_cast<char>(kind))));
  return status;
}

ErrorKind KindOf(const absl::Status& status) {
  auto payload = status.GetPayload(kKindUrl);
  if (!payload.has_value() || payload->empty()) return ErrorKind::kNone;
  return static_cast<ErrorKind>((*payload)[0]);
}

absl::Status Annotate(const absl::Status& status, std::string_view prefix) {
  if (status.ok()) return status;
  absl::Status out(status.code(), StrCat(prefix, ": ", MessageOf(status)));
  status.ForEachPayload([&](absl::string_view url, const absl::Cord& value) { out.SetPayload(url, value); });
  return out;
}

}  // namespace lineal
