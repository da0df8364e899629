// Schemas, schema changes and collection facts between the wire and the domain.
//
// Threads: any; nothing is kept.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/api/database.h"
#include "engine/api/schema.h"
#include "lineal/v1/collections.pb.h"

namespace lineal::server {

// Limits are the engine's to check; INVALID_ARGUMENT here for enums this build does not know or that are not set.
absl::StatusOr<engine::CollectionSchema> SchemaFromWire(const v1::CollectionSchema& schema);
void SchemaToWire(const engine::CollectionSchema& schema, v1::CollectionSchema* out);
absl::StatusOr<engine::FieldSchema> FieldSchemaFromWire(const v1::FieldSchema& schema);
// What the request leaves out of a configuration stays as `current` has it.
absl::StatusOr<engine::SchemaChange> ChangeFromWire(const v1::AlterCollectionRequest& request,
                                                    const engine::CollectionSchema& current);
absl::StatusOr<std::vector<engine::AliasChange>> AliasChangesFromWire(const v1::ChangeAliasesRequest& request);

void InfoToWire(const engine::CollectionInfo& info, v1::CollectionInfo* out);
void TaskToWire(const engine::OptimizerTask& task, v1::OptimizerTask* out);

}  // namespace lineal::server
