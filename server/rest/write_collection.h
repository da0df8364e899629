// Collections, their shards and their background work as JSON, in the shapes that clients of the dialect parse.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/api/database.h"
#include "server/rest/json_writer.h"

namespace lineal::server {

void WriteCollectionInfo(JsonWriter* out, const engine::CollectionInfo& info);
void WriteCollectionCluster(JsonWriter* out, const engine::CollectionInfo& info);
// `with` names the parts beyond the summary and what runs: "queued", "completed", "idle_segments".
void WriteOptimizations(JsonWriter* out, const engine::CollectionInfo& info,
                        const std::vector<engine::OptimizerTask>& tasks, const std::vector<std::string>& with);

}  // namespace lineal::server
