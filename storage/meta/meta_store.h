// The catalogue: small keyed records that change together or not at all. On one machine it is the `_system` shard, an
// ordinary shard with an ordinary log; in a cluster, a control plane implements the same.
//
// Threads: any.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace lineal::storage {

class MetaStore {
 public:
  struct Change {
    std::string key;
    std::optional<std::string> value;  // nothing: removed
  };

  virtual ~MetaStore() = default;
  virtual absl::StatusOr<std::optional<std::string>> Get(std::string_view key) = 0;
  // In key order.
  virtual absl::Status List(std::string_view prefix,
                            const std::function<void(std::string_view key, std::string_view value)>& visit) = 0;
  // The same until `visit` says no.
  virtual absl::Status Scan(std::string_view prefix,
                            const std::function<bool(std::string_view key, std::string_view value)>& visit) = 0;
  // All of it, durable and visible when this returns; else none of it, unless the status is UNAVAILABLE: then it is not
  // known. What earlier calls left open is decided, and visible, when a later one is OK.
  virtual absl::Status Apply(const std::vector<Change>& changes) = 0;
};

}  // namespace lineal::storage
