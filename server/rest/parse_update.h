// The other changes to points from JSON: deletes, payload changes, and ordered batches of all of them.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "engine/api/write.h"
#include "server/rest/json_reader.h"

namespace lineal::server {

// One change by its name in a batch: "upsert", "delete", "set_payload", "overwrite_payload", "delete_payload",
// "clear_payload", "update_vectors", "delete_vectors". Each name is also what one path of its own takes as its body.
absl::StatusOr<engine::WriteOp> ReadWriteOp(std::string_view name, JsonElement element, const JsonPlace& place);

// {"operations": [{name: body}, ...]}
absl::StatusOr<std::vector<engine::WriteOp>> ReadOperations(JsonElement element, const JsonPlace& place);

}  // namespace lineal::server
