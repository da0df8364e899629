// Namespaces, datasets, jobs, runs and graphs as JSON in Marquez's shape. What is not known is null.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "engine/api/open_lineage.h"

namespace lineal::server::openlineage {

engine::Value AnswerOf(const engine::LineageNamespace& name_space);
absl::StatusOr<engine::Value> DatasetAnswer(engine::OpenLineageStore& store, const engine::LineageNode& dataset);
absl::StatusOr<engine::Value> JobAnswer(engine::OpenLineageStore& store, const engine::LineageNode& job);
engine::Value RunAnswer(const engine::LineageRun& run);
engine::Value VersionAnswer(const engine::LineageNode& dataset, const engine::LineageDatasetVersion& version);
absl::StatusOr<engine::Value> GraphAnswer(engine::OpenLineageStore& store, const engine::LineageGraph& graph);

}  // namespace lineal::server::openlineage
