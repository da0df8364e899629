// Questions from JSON: query, the older search, scroll, count, retrieve.
#pragma once

#include <string_view>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/api/read.h"
#include "server/rest/json_reader.h"

namespace lineal::server {

// A query without a vector is a scroll whose first `skip` points are left out.
struct SkippingScroll {
  engine::ScrollRequest scroll;
  uint64_t skip = 0;
};
using Query = std::variant<engine::SearchRequest, SkippingScroll>;

absl::StatusOr<Query> ReadQuery(JsonElement element, const JsonPlace& place);
absl::StatusOr<engine::SearchRequest> ReadSearch(JsonElement element, const JsonPlace& place);
absl::StatusOr<engine::ScrollRequest> ReadScroll(JsonElement element, const JsonPlace& place);
absl::StatusOr<engine::CountRequest> ReadCount(JsonElement element, const JsonPlace& place);
absl::StatusOr<engine::RetrieveRequest> ReadRetrieve(JsonElement element, const JsonPlace& place);

// The elements of {"searches": [...]}.
absl::StatusOr<JsonArray> ReadSearches(JsonElement element, const JsonPlace& place);

}  // namespace lineal::server
