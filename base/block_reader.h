// The operating system's BlockReader: batches go through a ring of io_uring that each reading thread has, past the page
// cache. Where the system refuses rings (containers often do), blocks are read one after another; where the file system
// refuses to go past the page cache, through it. Which it is shows at run time only.
//
// Threads: any.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "base/io.h"

namespace lineal {

struct BlockReaderOptions {
  bool ring = true;    // false: one read after another, as where rings are refused
  bool direct = true;  // false: through the page cache
};

// NOT_FOUND, else UNAVAILABLE, with the path.
absl::StatusOr<std::shared_ptr<const BlockReader>> OpenBlockReader(const std::string& path,
                                                                   const BlockReaderOptions& options);

// Whether the calling thread may read through a ring.
bool RingsAllowed();

}  // namespace lineal
