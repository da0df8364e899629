// What a collection and the process hold in memory, as a message.
#pragma once

#include "lineal/v1/collections.pb.h"
#include "server/core/process_memory.h"

namespace lineal::server {

void MemoryToWire(const MemoryAccount& account, v1::MemoryResponse* out);

}  // namespace lineal::server
