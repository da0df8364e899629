// Where the files of a model version are said to be. A source is never opened here, but clients do, so that it must not
// lead them to files of some machine or out of the place it names.
#pragma once

#include <optional>
#include <string>

#include "absl/status/status.h"
#include "engine/api/models.h"

namespace lineal::server::mlflow {

// INVALID_ARGUMENT for what has no scheme, for files, and for `..` in any encoding.
absl::Status ValidateSource(const std::string& source);

// The version that "models:/NAME/NUMBER" names.
std::optional<engine::ModelVersionId> VersionOfSource(const std::string& source);

}  // namespace lineal::server::mlflow
