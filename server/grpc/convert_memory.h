// What a collection and the process hold in memory, as a message.
#pragma once

#include "base/memory_ledger.h"
#include "engine/api/memory.h"
#include "lineal/v1/collections.pb.h"

namespace lineal::server {

void MemoryToWire(const engine::CollectionMemory& memory, const MemoryLedger& ledger, v1::MemoryResponse* out);

}  // namespace lineal::server
