// How much memory this process may take: what it was told, or what its control group allows.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <string>

namespace lineal::server {

// The least limit of the process's control group (version 2) and those above it; 0 when there is none. `membership` is
// the text of /proc/self/cgroup, `root` the mount of the hierarchy.
uint64_t ControlGroupLimit(const std::string& membership, const std::string& root = "/sys/fs/cgroup");

// `configured`, or nine tenths of this process's control group's limit; 0 for none.
uint64_t MemoryLimit(uint64_t configured);

}  // namespace lineal::server
