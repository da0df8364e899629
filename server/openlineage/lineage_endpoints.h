// What is read of lineage, one function a path of Marquez's: the variable parts of the path and the query string to the
// body of the answer.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/api/open_lineage.h"

namespace lineal::server::openlineage {

struct Query {
  std::vector<std::string> path;
  std::vector<std::pair<std::string, std::string>> fields;

  // Empty if it is not there.
  std::string Text(std::string_view name) const;
  // INVALID_ARGUMENT unless it is from `least` to `greatest`.
  absl::StatusOr<uint64_t> Number(std::string_view name, uint64_t otherwise, uint64_t least, uint64_t greatest) const;
};
using Endpoint = absl::StatusOr<std::string> (*)(engine::OpenLineageStore& store, const Query& query);

absl::StatusOr<std::string> Graph(engine::OpenLineageStore& store, const Query& query);
absl::StatusOr<std::string> Events(engine::OpenLineageStore& store, const Query& query);
absl::StatusOr<std::string> Namespaces(engine::OpenLineageStore& store, const Query& query);
absl::StatusOr<std::string> Datasets(engine::OpenLineageStore& store, const Query& query);
absl::StatusOr<std::string> Dataset(engine::OpenLineageStore& store, const Query& query);
absl::StatusOr<std::string> Versions(engine::OpenLineageStore& store, const Query& query);
absl::StatusOr<std::string> Jobs(engine::OpenLineageStore& store, const Query& query);
absl::StatusOr<std::string> Job(engine::OpenLineageStore& store, const Query& query);
absl::StatusOr<std::string> Runs(engine::OpenLineageStore& store, const Query& query);
absl::StatusOr<std::string> Run(engine::OpenLineageStore& store, const Query& query);

}  // namespace lineal::server::openlineage
