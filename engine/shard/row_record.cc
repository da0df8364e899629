#include "engine/shard/row_record.h"

#include "base/coding.h"
#include "base/status.h"

namespace lineal::engine {
namespace {

constexpr uint8_t kFormat = 1;

}  // namespace

std::string EncodeRowRecord(const RowRecord& record) {
  std::string out;
  PutFixed(&out, kFormat);
  std::string key;
  record.point.AppendKey(&key);
  PutString(&out, key);
  PutVarint(&out, Raw(record.born));
  PutVarint(&out, record.previous == kNoRow ? 0 : Raw(record.previous) + 1);
  PutVarint(&out, record.vectors.size());
  for (const StoredVector& vector : record.vectors) {
    PutVarint(&out, vector.number);
    PutFixed(&out, vector.norm);
    PutString(&out, vector.row);
  }
  return out;
}

absl::StatusOr<RowRecord> DecodeRowRecord(std::string_view bytes) {
  Reader reader(bytes);
  RowRecord record;
  const uint8_t format = reader.Fixed<uint8_t>();
  if (reader.ok() && format != kFormat) return DataLoss("row record of unknown format ", int{format});
  auto point = PointId::FromKey(reader.String());
  if (!point) return DataLoss("row record without a point id");
  record.point = *point;
  record.born = Seq{reader.Varint()};
  const uint64_t previous = reader.Varint();
  if (previous != 0) record.previous = RowId{previous - 1};
  const uint64_t count = reader.Varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    StoredVector vector;
    vector.number = static_cast<uint32_t>(reader.Varint());
    vector.norm = reader.Fixed<float>();
    vector.row = reader.String();
    record.vectors.push_back(vector);
  }
  if (!reader.ok() || !reader.AtEnd()) return DataLoss("row record is torn");
  return record;
}

}  // namespace lineal::engine
