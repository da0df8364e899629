// The filter language of MLflow's registry searches: `name LIKE 'a%' AND tags.tier = 'gold'`.
//
//   filter     = comparison { AND comparison }
//   comparison = field ( = | != | LIKE | ILIKE ) text | run_id IN ( text { , text } )
//   field      = name | run_id | source_path | tags . key      the middle two of versions only
//   text       = '...' | "..."                                 a doubled quote stands for one
//   key        = word | `...` | "..."
//
// Words of the language may be written in any case. All else is INVALID_ARGUMENT with the place.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/api/models.h"

namespace lineal::server::mlflow {

enum class Searched { kModels, kVersions };

absl::StatusOr<std::vector<engine::ModelCondition>> ParseFilter(std::string_view text, Searched what);

// "name", "version_number" (of versions), "creation_timestamp", "last_updated_timestamp", each with ASC or DESC or
// neither; none twice.
absl::StatusOr<std::vector<engine::ModelOrder>> ParseOrder(const std::vector<std::string>& clauses, Searched what);

}  // namespace lineal::server::mlflow
