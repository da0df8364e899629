#include "server/mlflow/registry_filter.h"

#include <gtest/gtest.h>

#include "base/strings.h"

namespace lineal::server::mlflow {
namespace {

using engine::ModelCondition;
using engine::ModelOrder;

// "FIELD[.KEY] MATCH VALUES" of each condition, or the error.
std::string Said(std::string_view filter, Searched what = Searched::kVersions) {
  const auto parsed = ParseFilter(filter, what);
  if (!parsed.ok()) return std::string(parsed.status().message().data(), parsed.status().message().size());
  constexpr const char* kFields[] = {"name", "tag", "run", "source"};
  constexpr const char* kMatches[] = {"=", "!=", "like", "ilike", "in"};
  std::string out;
  for (const ModelCondition& condition : *parsed) {
    StrAppend(&out, out.empty() ? "" : " & ", kFields[static_cast<int>(condition.field)]);
    if (!condition.tag.empty()) StrAppend(&out, ".", condition.tag);
    StrAppend(&out, " ", kMatches[static_cast<int>(condition.match)]);
    for (const std::string& value : condition.values) StrAppend(&out, " [", value, "]");
  }
  return out;
}

TEST(RegistryFilter, ReadsWhatClientsWrite) {
  EXPECT_EQ(Said(""), "");
  EXPECT_EQ(Said("  "), "");
  EXPECT_EQ(Said("name='m'"), "name = [m]");
  EXPECT_EQ(Said("name = \"it's\""), "name = [it's]");
  EXPECT_EQ(Said("name = 'it''s'"), "name = [it's]");
  EXPECT_EQ(Said("name = ''"), "name = []");
  EXPECT_EQ(Said("attribute.name LIKE 'a%'"), "name like [a%]");
  EXPECT_EQ(Said("name ilike '%x_' and run_id != 'r'"), "name ilike [%x_] & run != [r]");
  EXPECT_EQ(Said("run_id IN ('a', 'b','c') AND source_path = 's3://b/m'"), "run in [a] [b] [c] & source = [s3://b/m]");
  EXPECT_EQ(Said("tags.tier = 'gold' AND tag.`a b` != 'x' AND tags.\"c'd\" LIKE '%'"),
            "tag.tier = [gold] & tag.a b != [x] & tag.c'd like [%]");
  EXPECT_EQ(Said("tags.embedding.dim='768'"), "tag.embedding.dim = [768]");
  EXPECT_EQ(Said("tag.`mlflow.prompt.is_prompt` != 'true'"), "tag.mlflow.prompt.is_prompt != [true]");
  EXPECT_EQ(Said("name = 'a AND b'"), "name = [a AND b]");
}

TEST(RegistryFilter, RefusesAllElseAndSaysWhere) {
  for (const char* filter : {"name",
                             "name =",
                             "name = m",
                             "= 'm'",
                             "name == 'm'",
                             "name > 'm'",
                             "name <> 'm'",
                             "name = 'm",
                             "name = 'm' AND",
                             "name = 'm' OR name = 'n'",
                             "name = 'm' name = 'n'",
                             "AND",
                             "stage = 'x'",
                             "tags = 'x'",
                             "tags. = 'x'",
                             "tags.` = 'x'",
                             "name IN ('a')",
                             "run_id IN 'a'",
                             "run_id IN ()",
                             "run_id IN ('a'",
                             "run_id IN ('a',)",
                             "version_number = 3",
                             "(name = 'm')",
                             "name = 'm';",
                             "NOT name = 'm'",
                             "name NOT LIKE 'm'",
                             "nameLIKE 'm'"}) {
    const auto parsed = ParseFilter(filter, Searched::kVersions);
    EXPECT_EQ(parsed.status().code(), absl::StatusCode::kInvalidArgument) << filter;
    EXPECT_NE(parsed.status().message().find("at character "), std::string::npos) << parsed.status();
  }
  EXPECT_FALSE(ParseFilter("run_id = 'r'", Searched::kModels).ok());
  EXPECT_FALSE(ParseFilter("source_path = 'r'", Searched::kModels).ok());
  EXPECT_EQ(
      Said("name = 'a' AND nome = 'b'"),
      "Invalid filter 'name = 'a' AND nome = 'b'': expected name, run_id, source_path or tags.KEY at character 16");
}

TEST(RegistryFilter, BoundsTheNumberOfComparisons) {
  std::string filter = "name = 'a'";
  for (int i = 1; i < 1'024; ++i) filter += " AND name = 'a'";
  EXPECT_TRUE(ParseFilter(filter, Searched::kModels).ok());
  EXPECT_FALSE(ParseFilter(filter + " AND name = 'a'", Searched::kModels).ok());
}

TEST(RegistryFilter, ReadsOrders) {
  const auto orders = ParseOrder(
      {"name", "version_number DESC", " creation_timestamp asc ", "last_updated_timestamp desc"}, Searched::kVersions);
  ASSERT_TRUE(orders.ok()) << orders.status();
  const std::vector<std::pair<ModelOrder::By, bool>> expected = {{ModelOrder::By::kName, false},
                                                                 {ModelOrder::By::kNumber, true},
                                                                 {ModelOrder::By::kCreated, false},
                                                                 {ModelOrder::By::kUpdated, true}};
  ASSERT_EQ(orders->size(), expected.size());
  for (size_t i = 0; i < expected.size(); ++i) {
    EXPECT_EQ((*orders)[i].by, expected[i].first) << i;
    EXPECT_EQ((*orders)[i].descending, expected[i].second) << i;
  }
  for (const char* clause : {"", "  ", "size", "name down", "name ASC DESC", "name,version_number", "NAME"}) {
    EXPECT_EQ(ParseOrder({clause}, Searched::kVersions).status().code(), absl::StatusCode::kInvalidArgument) << clause;
  }
  EXPECT_FALSE(ParseOrder({"version_number"}, Searched::kModels).ok());
  EXPECT_FALSE(ParseOrder({"name", "name DESC"}, Searched::kModels).ok());
}

}  // namespace
}  // namespace lineal::server::mlflow
