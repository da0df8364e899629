// Spaces and their canaries as the catalogue keeps them (docs/format/operations.md).
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "engine/api/space.h"

namespace lineal::engine {

Value ValueOf(const EmbeddingSpace& space);
std::string EncodeSpace(const EmbeddingSpace& space);
// DATA_LOSS for bytes that are none, and for a recipe whose digest is not `id`.
absl::StatusOr<EmbeddingSpace> DecodeSpace(const std::string& id, std::string_view bytes);

// When its canaries were last run, and how that went: changes every hour, and is in no log.
std::string EncodeCheck(const EmbeddingSpace& space);
absl::Status DecodeCheck(std::string_view bytes, EmbeddingSpace* space);

std::string EncodeCanaries(const CanarySet& set);
absl::StatusOr<CanarySet> DecodeCanaries(std::string_view bytes);

}  // namespace lineal::engine
