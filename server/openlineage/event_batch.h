// A batch of events: a JSON list, whose elements are taken or refused one by one.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/payload/value.h"

namespace lineal::server::openlineage {

inline constexpr size_t kBatchEventsMax = 10'000;

// The elements as they were written. INVALID_ARGUMENT for what is no list.
absl::StatusOr<std::vector<std::string>> EventsOfBatch(std::string_view body);
// {"status", "summary", "failed_events"}, by the status of each event.
engine::Value BatchAnswer(const std::vector<absl::Status>& statuses);

}  // namespace lineal::server::openlineage
