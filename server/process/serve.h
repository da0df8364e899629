// The life of a server process: doors first, so that health is answered while the database loads; then the database;
// then a line on stdout that says where it listens; then, on a signal, the same backwards.
//
// Threads: the main thread, once in a process, before it has started any other.
#pragma once

#include "absl/status/status.h"
#include "server/process/config.h"

namespace lineal::server {

// Returns OK after a clean stop. Writes one line to stdout when ready; everything else goes to the log.
absl::Status Serve(const ServerConfig& config);

}  // namespace lineal::server
