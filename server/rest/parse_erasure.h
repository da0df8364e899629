// Bodies that say what is to be erased.
#pragma once

#include "engine/api/erasure.h"
#include "server/rest/json_reader.h"

namespace lineal::server {

// {"selector": {"collection", one of "source", "document", "subject", "filter"}, "reason", "dry_run"}. Members that it
// does not know are refused: less than was meant would be erased, or more.
absl::StatusOr<engine::ErasureRequest> ReadErasureRequest(JsonElement element, const JsonPlace& place);

}  // namespace lineal::server
