// Answers of reads to the wire, within a budget of bytes.
//
// Threads: any; nothing is kept.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "engine/api/read.h"
#include "lineal/v1/reads.pb.h"

namespace lineal::server {

inline constexpr size_t kAnswerBytesMax = 32 << 20;

// What an answer may still grow by. One a request, shared by the parts of a batch.
class AnswerBudget {
 public:
  explicit AnswerBudget(size_t bytes_max = kAnswerBytesMax) : bytes_max_(bytes_max) {}
  // INVALID_ARGUMENT of kind out of range, naming the limit, once it is exceeded.
  absl::Status Take(size_t bytes);

 private:
  size_t bytes_max_;
  size_t taken_ = 0;
};

absl::Status RecordToWire(const engine::PointRecord& record, bool payload_as_json, AnswerBudget* budget,
                          v1::PointRecord* out);
absl::Status HitsToWire(const std::vector<engine::ScoredPoint>& hits, bool payload_as_json, AnswerBudget* budget,
                        v1::SearchResponse* out);

void ExplainToWire(const engine::SearchExplain& explain, v1::SearchExplain* out);

}  // namespace lineal::server
