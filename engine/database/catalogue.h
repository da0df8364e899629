// What the catalogue says of a collection: its schema, the numbers its vectors and fields are known by in files, and
// its shards. Immutable; a change is a new record.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "engine/api/schema.h"
#include "engine/segment/table_schema.h"

namespace lineal::engine {

struct CollectionRecord {
  CollectionSchema schema;
  std::map<std::string, uint32_t> vector_numbers;
  std::map<std::string, uint32_t> field_numbers;
  uint32_t next_number = 1;
  std::vector<ShardId> shards;

  // Gives every vector and field of the schema that has none a number of its own.
  void AssignNumbers();
  std::shared_ptr<const TableSchema> Table() const;
};

std::string EncodeRecord(const CollectionRecord& record);
absl::StatusOr<CollectionRecord> DecodeRecord(std::string_view bytes);

}  // namespace lineal::engine
