// Rows in the order of a payload field.
#pragma once

#include <vector>

#include "absl/status/statusor.h"
#include "engine/api/read.h"
#include "engine/database/collection_reads.h"
#include "engine/segment/table_schema.h"

namespace lineal::engine {

struct OrderedRow {
  FoundRow row;
  Value value;
};

// The first `limit` rows that pass, by the values at the key (numbers, or dates for a datetime index); a row with
// several values stands at each of them, one with none is left out. INVALID_ARGUMENT of kind index required when the
// key has no index that orders.
absl::StatusOr<std::vector<OrderedRow>> OrderRows(const CollectionReads& reads, const TableSchema& schema,
                                                  const OrderBy& order_by, uint64_t limit);

}  // namespace lineal::engine
