// Errors are values. The code says what the caller can do next; a few conditions that share a code but want another
// answer at the door (a full disk against an overload) are told apart by a kind carried as a status payload.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/strings.h"

namespace lineal {

// What a status means beyond its code.
enum class ErrorKind {
  kNone,
  kDiskFull,         // RESOURCE_EXHAUSTED: no room on the data disk; reads and deletes still work.
  kOverload,         // RESOURCE_EXHAUSTED: a queue is full; try again after a moment.
  kOutOfRange,       // INVALID_ARGUMENT: well formed, but a value is outside its limits (HTTP 422).
  kMalformed,        // INVALID_ARGUMENT: the request could not be read (HTTP 400, "Format error").
  kIndexRequired,    // INVALID_ARGUMENT: a payload index is needed ("Bad request: Index required but not found").
  kPayloadTooLarge,  // INVALID_ARGUMENT: over a size limit (HTTP 413).
  kConflict,         // FAILED_PRECONDITION: what is there forbids it (HTTP 409).
};

// A status of the kind's own code that carries the kind.
absl::Status MakeError(ErrorKind kind, std::string_view message);
ErrorKind KindOf(const absl::Status& status);

// Statuses from pieces: InvalidArgument("vector has ", n, " components, collection wants ", dim).
template <class... Pieces>
absl::Status InvalidArgument(const Pieces&... pieces) {
  return absl::InvalidArgumentError(StrCat(pieces...));
}
template <class... Pieces>
absl::Status OutOfRange(const Pieces&... pieces) {
  return MakeError(ErrorKind::kOutOfRange, StrCat(pieces...));
}
template <class... Pieces>
absl::Status NotFound(const Pieces&... pieces) {
  return absl::NotFoundError(StrCat(pieces...));
}
template <class... Pieces>
absl::Status AlreadyExists(const Pieces&... pieces) {
  return absl::AlreadyExistsError(StrCat(pieces...));
}
template <class... Pieces>
absl::Status FailedPrecondition(const Pieces&... pieces) {
  return absl::FailedPreconditionError(StrCat(pieces...));
}
template <class... Pieces>
absl::Status Conflict(const Pieces&... pieces) {
  return MakeError(ErrorKind::kConflict, StrCat(pieces...));
}
template <class... Pieces>
absl::Status DataLoss(const Pieces&... pieces) {
  return absl::DataLossError(StrCat(pieces...));
}
template <class... Pieces>
absl::Status Unavailable(const Pieces&... pieces) {
  return absl::UnavailableError(StrCat(pieces...));
}
template <class... Pieces>
absl::Status Internal(const Pieces&... pieces) {
  return absl::InternalError(StrCat(pieces...));
}

inline std::string_view MessageOf(const absl::Status& status) {
  return {status.message().data(), status.message().size()};
}

// The same code and kind with `prefix` before the message.
absl::Status Annotate(const absl::Status& status, std::string_view prefix);

}  // namespace lineal

#define LINEAL_CONCAT_INNER(a, b) a##b
#define LINEAL_CONCAT(a, b) LINEAL_CONCAT_INNER(a, b)

#define LINEAL_RETURN_IF_ERROR(expression)                                   \
  do {                                                                       \
    if (auto lineal_status = (expression); !lineal_status.ok()) [[unlikely]] \
      return lineal_status;                                                  \
  } while (false)

#define LINEAL_ASSIGN_OR_RETURN_INNER(tmp, lhs, expression) \
  auto tmp = (expression);                                  \
  if (!tmp.ok()) [[unlikely]]                               \
    return std::move(tmp).status();                         \
  lhs = *std::move(tmp)
#define LINEAL_ASSIGN_OR_RETURN(lhs, expression) \
  LINEAL_ASSIGN_OR_RETURN_INNER(LINEAL_CONCAT(lineal_or_, __LINE__), lhs, expression)
