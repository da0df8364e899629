// What the registry takes and what it forbids. Pure functions.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "engine/api/models.h"

namespace lineal::engine {

// INVALID_ARGUMENT.
absl::Status ValidateModelName(const std::string& name);
absl::Status ValidateAliasName(const std::string& alias);
absl::Status ValidateModelText(std::string_view what, const std::string& text, size_t bytes_max = kModelTextMax);
absl::Status ValidateTag(const std::string& key, const std::string& value);
absl::Status ValidateTags(const ModelTags& tags);
absl::Status ValidateNewVersion(const ModelVersion& wanted);

// Whether it changed anything. INVALID_ARGUMENT for one tag too many.
absl::StatusOr<bool> ApplyTagChange(const TagChange& change, ModelTags* tags);

// FAILED_PRECONDITION, with all reasons.
absl::Status CheckDeletion(const ModelVersion& version);
absl::Status CheckTransition(const ModelVersion& version, VersionState to);
absl::Status CheckStage(const ModelVersion& version, ModelStage stage);
// Whether `alias` of `model` may point at `target`.
absl::Status CheckAliasPolicy(const RegisteredModel& model, const std::string& alias, const ModelVersion& target);

}  // namespace lineal::engine
