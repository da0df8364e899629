// One search as the command line asks it, through either door.
//
// Threads: any; each call has a connection of its own or is lent one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "clients/cli/server_client.h"
#include "engine/payload/value.h"

namespace lineal::cli {

struct Question {
  std::string collection;
  std::vector<float> vector;       // or:
  std::optional<PointId> like_id;  // a stored point
  std::string vector_name;
  engine::Value filter;  // in the REST dialect; null for none
  uint64_t limit = 10;
  uint64_t offset = 0;
  std::optional<double> score_threshold;
  bool exact = false;
  std::optional<uint32_t> ef_search;
};
struct Hit {
  PointId id;
  double score = 0;
  engine::Value payload;  // an object or null
};

std::string QueryBody(const Question& question);
absl::StatusOr<std::vector<Hit>> SearchRest(ServerClient& client, const Question& question);
// `address` is host:port. The filter may use match, range, is_empty, is_null and has_id.
absl::StatusOr<std::vector<Hit>> SearchGrpc(const std::string& address, const std::string& api_key,
                                            const Question& question);

}  // namespace lineal::cli
