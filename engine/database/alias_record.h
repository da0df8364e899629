// An alias, and its moves, as the catalogue keeps them (docs/format/operations.md).
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/api/alias.h"
#include "engine/payload/value.h"

namespace lineal::engine {

Value ValueOf(const AliasTarget& target);
// A collection's name where that is all; else a zero byte and a payload object.
std::string EncodeTarget(const AliasTarget& target);
absl::StatusOr<AliasTarget> DecodeTarget(std::string_view bytes);

std::string EncodeAliasMove(const AliasMove& move);
absl::StatusOr<AliasMove> DecodeAliasMove(std::string_view bytes);
// Before the number of a move, which is eight bytes big-endian.
std::string MovePrefix(const std::string& alias);

}  // namespace lineal::engine
