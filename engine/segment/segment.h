// A unit of index inside a shard: rows with their vectors and payload indexes. A growing segment takes new rows; a
// sealed one changes only in which rows are dead or have had their payload changed; a history segment holds dead rows
// that older reads may still see, and is only looked at by those.
//
// Threads: the shard's writer appends to a growing segment; any number read. The parts are shared, so that a segment
// with one more payload index is a new Segment over the same parts.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/filter/compiled_filter.h"
#include "engine/filter/field_index.h"
#include "engine/segment/filter_cache.h"
#include "engine/segment/row_bits.h"
#include "engine/segment/row_table.h"
#include "engine/segment/segment_memory.h"
#include "engine/segment/table_schema.h"
#include "engine/segment/vector_column.h"

namespace lineal::engine {

enum class SegmentKind : uint8_t { kGrowing, kSealed, kHistory };

struct SegmentParts {
  uint64_t id = 0;
  SegmentKind kind = SegmentKind::kGrowing;
  Seq watermark = kNoSeq;  // payload indexes hold what was true at this seq; later changes are in `stale`
  std::shared_ptr<RowTable> rows;
  std::shared_ptr<RowBits> stale;
  std::map<uint32_t, std::shared_ptr<VectorColumn>> vectors;               // by vector number
  std::map<std::string, uint32_t, std::less<>> vector_names;               // to their numbers
  std::map<std::string, std::shared_ptr<FieldIndex>, std::less<>> fields;  // by key
  std::map<std::string, uint32_t, std::less<>> field_numbers;              // of the same keys
  std::shared_ptr<void> files;              // removes an obsolete segment's files with the last reader
  std::shared_ptr<SegmentAccount> account;  // null where nobody keeps a ledger
};

// One row to be appended to a growing segment.
struct NewRow {
  RowEntry entry;
  std::vector<std::pair<uint32_t, std::string_view>> vectors;  // vector number, row bytes
  const Value* payload = nullptr;                              // null for none
  bool stale = false;                                          // `payload` is not the only version that a read may see
};

class Segment {
 public:
  explicit Segment(SegmentParts parts);
  // An empty growing segment for the schema's vectors and fields.
  static std::shared_ptr<Segment> NewGrowing(uint64_t id, const TableSchema& schema, uint32_t capacity,
                                             std::shared_ptr<SegmentAccount> account = nullptr);

  const SegmentParts& parts() const { return parts_; }
  uint64_t id() const { return parts_.id; }
  SegmentKind kind() const { return parts_.kind; }
  RowTable& rows() const { return *parts_.rows; }
  RowBits& stale() const { return *parts_.stale; }
  const VectorColumn* Vector(uint32_t number) const;
  // Whether that field is indexed, and not another one that had its key before.
  bool Indexes(const FieldDef& field) const;

  // Only the shard's writer; only on a growing segment that is not full().
  void Append(const NewRow& row);
  bool full() const { return parts_.rows->size() >= parts_.rows->capacity(); }

  SegmentMemory Memory() const;
  // What filters have let through; null while rows come.
  FilterCache* filter_cache() const { return filter_cache_.get(); }
  // Brings the ledger up to date with Memory(). Threads: any.
  void Charge() const;
  std::vector<MappedBytes> Mapped() const;

 private:
  uint64_t SealingBytes() const;

  const SegmentParts parts_;
  const std::unique_ptr<FilterCache> filter_cache_;
};

using SegmentList = std::vector<std::shared_ptr<const Segment>>;

std::string_view NameOf(SegmentKind kind);

}  // namespace lineal::engine
