// Erasures and their receipts, as JSON.
#pragma once

#include "engine/api/erasure.h"
#include "server/rest/json_writer.h"

namespace lineal::server {

void WriteErasure(JsonWriter* out, const engine::Erasure& erasure);

}  // namespace lineal::server
