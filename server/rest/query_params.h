// The query string of the dialect: `wait`, `timeout`, `ordering`, `consistency`, and our own `as_of`,
// `as_of_seq`, `history` and the numbers of `/v1/log`.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"

namespace lineal::server {

struct QueryParams {
  bool wait = false;
  std::optional<uint64_t> timeout_s;
  std::vector<Seq> as_of_seq;
  std::string as_of;
  bool history = false;
  std::vector<std::string> with;                         // of `optimizations`: which parts
  std::map<std::string, uint64_t, std::less<>> numbers;  // of the audit log: `from`, `to`, `index`, `size`, `limit`

  uint64_t Number(std::string_view name, uint64_t otherwise) const {
    const auto found = numbers.find(name);
    return found == numbers.end() ? otherwise : found->second;
  }
};

// Unknown names are let pass. INVALID_ARGUMENT of kind malformed for a value that cannot be read, of kind out of range
// for a timeout of zero.
absl::StatusOr<QueryParams> ReadQueryParams(const std::vector<std::pair<std::string, std::string>>& query);

}  // namespace lineal::server
