#include "server/mlflow/registry_search.h"

#include <algorithm>
#include <charconv>

#include "base/status.h"

namespace lineal::server::mlflow {
namespace {

using engine::ModelCondition;

constexpr std::string_view kPromptTag = "mlflow.prompt.is_prompt";

struct PageSizes {
  uint64_t otherwise;
  uint64_t max;
};
constexpr PageSizes kModelPage = {100, 1'000};
constexpr PageSizes kVersionPage = {10'000, 200'000};

bool IsPromptCondition(const ModelCondition& condition) {
  return condition.field == ModelCondition::Field::kTag && condition.tag == kPromptTag;
}

bool AsksForPrompts(const ModelCondition& condition) {
  return IsPromptCondition(condition) &&
         ((condition.match == ModelCondition::Match::kEqual && condition.values.front() == "true") ||
          (condition.match == ModelCondition::Match::kNotEqual && condition.values.front() == "false"));
}

// Models that are no prompts do not have the tag, so that a condition on it would find none of them.
void LeaveOutPrompts(engine::ModelQuery* query) {
  if (std::ranges::any_of(query->conditions, AsksForPrompts)) return;
  std::erase_if(query->conditions, IsPromptCondition);
  query->without_tags.emplace(kPromptTag, "true");
}

absl::StatusOr<uint64_t> OffsetOf(const std::string& token) {
  uint64_t offset = 0;
  if (token.empty()) return offset;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), offset);
  if (error == std::errc() && end == token.data() + token.size()) return offset;
  return InvalidArgument("Invalid page token");
}

}  // namespace

absl::StatusOr<engine::ModelQuery> ReadSearch(const Request& request, Searched what) {
  engine::ModelQuery query;
  LINEAL_ASSIGN_OR_RETURN(const std::string filter, request.Text("filter"));
  LINEAL_ASSIGN_OR_RETURN(query.conditions, ParseFilter(filter, what));
  LeaveOutPrompts(&query);
  LINEAL_ASSIGN_OR_RETURN(const std::vector<std::string> order, request.Texts("order_by"));
  LINEAL_ASSIGN_OR_RETURN(query.order, ParseOrder(order, what));
  // Versions come with the one that changed last first.
  if (query.order.empty() && what == Searched::kVersions) query.order = {{engine::ModelOrder::By::kUpdated, true}};
  const PageSizes sizes = what == Searched::kModels ? kModelPage : kVersionPage;
  LINEAL_ASSIGN_OR_RETURN(query.limit, request.Number("max_results", sizes.otherwise));
  if (query.limit == 0 || query.limit > sizes.max) {
    return InvalidArgument("Invalid value for request parameter max_results: it must be at least 1 and at most ",
                           sizes.max, ", but is ", query.limit);
  }
  LINEAL_ASSIGN_OR_RETURN(const std::string token, request.Text("page_token"));
  LINEAL_ASSIGN_OR_RETURN(query.offset, OffsetOf(token));
  return query;
}

std::string NextPageToken(const engine::ModelQuery& query) { return StrCat(query.offset + query.limit); }

}  // namespace lineal::server::mlflow
