// What a collection and the process hold in memory, as JSON.
#pragma once

#include "server/core/process_memory.h"
#include "server/rest/json_writer.h"

namespace lineal::server {

void WriteMemory(JsonWriter* out, const MemoryAccount& account);

}  // namespace lineal::server
