// Which models and versions a query means, and in which order. Pure functions.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/api/models.h"

namespace lineal::engine {

// As LIKE of SQL: % is any text, _ any one character. Letters are alike in both cases only as far as ASCII goes.
bool LikeMatches(std::string_view text, std::string_view pattern, bool any_case);

// The conditions and what is left out; not the order or the page. A model has no run and no source.
bool Matches(const ModelQuery& query, const RegisteredModel& model);
bool Matches(const ModelQuery& query, const ModelVersion& version);

// The one name that can match, if a condition says it.
std::optional<std::string> OnlyName(const ModelQuery& query);

// The page of what matched.
ModelPage<RegisteredModel> TakePage(const ModelQuery& query, std::vector<RegisteredModel> matched);
ModelPage<ModelVersion> TakePage(const ModelQuery& query, std::vector<ModelVersion> matched);

}  // namespace lineal::engine
