// What a collection and the process hold in memory, as JSON.
#pragma once

#include "base/memory_ledger.h"
#include "engine/api/memory.h"
#include "server/rest/json_writer.h"

namespace lineal::server {

void WriteMemory(JsonWriter* out, const engine::CollectionMemory& memory, const MemoryLedger& ledger);

}  // namespace lineal::server
