#include "engine/shard/shard_op.h"

#include "base/coding.h"
#include "base/status.h"
#include "engine/filter/filter_codec.h"
#include "engine/shard/origin_record.h"

namespace lineal::engine {
namespace {

constexpr uint8_t kFormat = 2;
constexpr uint8_t kFormatWithoutOrigins = 1;

void PutId(std::string* out, const PointId& id) {
  std::string key;
  id.AppendKey(&key);
  PutString(out, key);
}

void PutSelector(std::string* out, const OpSelector& selector) {
  PutFixed(out, static_cast<uint8_t>(selector.index()));
  if (const auto* ids = std::get_if<0>(&selector)) {
    PutVarint(out, ids->size());
    for (const PointId& id : *ids) PutId(out, id);
  } else {
    AppendFilter(out, std::get<1>(selector));
  }
}

void PutPoints(std::string* out, const std::vector<OpPoint>& points) {
  PutVarint(out, points.size());
  for (const OpPoint& point : points) {
    PutId(out, point.id);
    PutString(out, point.payload);
    PutVarint(out, point.vectors.size());
    for (const StoredVector& vector : point.vectors) {
      PutVarint(out, vector.number);
      PutFixed(out, vector.norm);
      PutString(out, vector.row);
    }
    PutVarint(out, point.source);
    if (point.source != 0) PutVarint(out, point.ordinal);
  }
}

void PutStrings(std::string* out, const std::vector<std::string>& strings) {
  PutVarint(out, strings.size());
  for (const std::string& text : strings) PutString(out, text);
}

struct OpWriter {
  std::string* out;
  void operator()(const UpsertOp& op) const { PutPoints(out, op.points); }
  void operator()(const DeleteOp& op) const { PutSelector(out, op.points); }
  void operator()(const UpdateVectorsOp& op) const { PutPoints(out, op.points); }
  void operator()(const DeleteVectorsOp& op) const {
    PutSelector(out, op.points);
    PutVarint(out, op.numbers.size());
    for (uint32_t number : op.numbers) PutVarint(out, number);
  }
  void operator()(const SetPayloadOp& op) const {
    PutSelector(out, op.points);
    PutString(out, op.payload);
    PutString(out, op.key);
  }
  void operator()(const OverwritePayloadOp& op) const {
    PutSelector(out, op.points);
    PutString(out, op.payload);
  }
  void operator()(const DeletePayloadOp& op) const {
    PutSelector(out, op.points);
    PutStrings(out, op.keys);
  }
  void operator()(const ClearPayloadOp& op) const { PutSelector(out, op.points); }
  void operator()(const MarkOp& op) const { PutVarint(out, op.revision); }
};

class OpReader {
 public:
  OpReader(Reader* reader, size_t sources, bool origins) : reader_(reader), sources_(sources), origins_(origins) {}

  absl::StatusOr<ShardOp> Read() {
    switch (reader_->Fixed<uint8_t>()) {
      case 0: {
        UpsertOp op;
        LINEAL_RETURN_IF_ERROR(Points(&op.points));
        return op;
      }
      case 1: {
        DeleteOp op;
        LINEAL_RETURN_IF_ERROR(Selector(&op.points));
        return op;
      }
      case 2: {
        UpdateVectorsOp op;
        LINEAL_RETURN_IF_ERROR(Points(&op.points));
        return op;
      }
      case 3: {
        DeleteVectorsOp op;
        LINEAL_RETURN_IF_ERROR(Selector(&op.points));
        const uint64_t count = reader_->Varint();
        for (uint64_t i = 0; i < count && reader_->ok(); ++i)
          op.numbers.push_back(static_cast<uint32_t>(reader_->Varint()));
        return op;
      }
      case 4: {
        SetPayloadOp op;
        LINEAL_RETURN_IF_ERROR(Selector(&op.points));
        op.payload = reader_->String();
        op.key = std::string(reader_->String());
        return op;
      }
      case 5: {
        OverwritePayloadOp op;
        LINEAL_RETURN_IF_ERROR(Selector(&op.points));
        op.payload = reader_->String();
        return op;
      }
      case 6: {
        DeletePayloadOp op;
        LINEAL_RETURN_IF_ERROR(Selector(&op.points));
        const uint64_t count = reader_->Varint();
        for (uint64_t i = 0; i < count && reader_->ok(); ++i) op.keys.emplace_back(reader_->String());
        return op;
      }
      case 7: {
        ClearPayloadOp op;
        LINEAL_RETURN_IF_ERROR(Selector(&op.points));
        return op;
      }
      case 8:
        return MarkOp{reader_->Varint()};
      default:
        return DataLoss("operation of unknown kind");
    }
  }

 private:
  absl::Status Id(PointId* id) {
    auto read = PointId::FromKey(reader_->String());
    if (!read) return DataLoss("operation with a broken point id");
    *id = *read;
    return absl::OkStatus();
  }
  absl::Status Selector(OpSelector* selector) {
    if (reader_->Fixed<uint8_t>() != 0) {
      LINEAL_ASSIGN_OR_RETURN(Filter filter, ReadFilter(reader_));
      *selector = std::move(filter);
      return absl::OkStatus();
    }
    std::vector<PointId> ids;
    const uint64_t count = reader_->Varint();
    for (uint64_t i = 0; i < count && reader_->ok(); ++i) {
      PointId id;
      LINEAL_RETURN_IF_ERROR(Id(&id));
      ids.push_back(id);
    }
    *selector = std::move(ids);
    return absl::OkStatus();
  }
  absl::Status Points(std::vector<OpPoint>* points) {
    const uint64_t count = reader_->Varint();
    for (uint64_t i = 0; i < count && reader_->ok(); ++i) {
      OpPoint& point = points->emplace_back();
      LINEAL_RETURN_IF_ERROR(Id(&point.id));
      point.payload = reader_->String();
      const uint64_t vectors = reader_->Varint();
      for (uint64_t v = 0; v < vectors && reader_->ok(); ++v) {
        StoredVector& vector = point.vectors.emplace_back();
        vector.number = static_cast<uint32_t>(reader_->Varint());
        vector.norm = reader_->Fixed<float>();
        vector.row = reader_->String();
      }
      if (!origins_) continue;
      point.source = static_cast<uint32_t>(reader_->Varint());
      if (point.source > sources_) return DataLoss("operation names a source that the entry does not have");
      if (point.source != 0) point.ordinal = static_cast<uint32_t>(reader_->Varint());
    }
    return absl::OkStatus();
  }

  Reader* const reader_;
  const size_t sources_;
  const bool origins_;
};

}  // namespace

std::string EncodeOps(const ShardOps& ops) {
  std::string out;
  PutFixed(&out, kFormat);
  PutString(&out, ops.context == IngestContext() ? "" : EncodeContext(ops.context));
  PutVarint(&out, ops.sources.size());
  for (const SourceVersion& source : ops.sources) PutString(&out, EncodeSource(source));
  PutVarint(&out, ops.ops.size());
  for (const ShardOp& op : ops.ops) {
    PutFixed(&out, static_cast<uint8_t>(op.index()));
    std::visit(OpWriter{&out}, op);
  }
  return out;
}

absl::StatusOr<ShardOps> DecodeOps(std::string_view body) {
  Reader reader(body);
  const uint8_t format = reader.Fixed<uint8_t>();
  if (format != kFormat && format != kFormatWithoutOrigins) {
    return DataLoss("operations of unknown format ", int{format});
  }
  ShardOps ops;
  if (format != kFormatWithoutOrigins) {
    if (const std::string_view bytes = reader.String(); !bytes.empty()) {
      const auto context = DecodeContext(bytes);
      if (!context) return DataLoss("operations with a broken context");
      ops.context = *context;
    }
    const uint64_t sources = reader.Varint();
    for (uint64_t i = 0; i < sources && reader.ok(); ++i) {
      const auto source = DecodeSource(reader.String());
      if (!source) return DataLoss("operations with a broken source");
      ops.sources.push_back(*source);
    }
  }
  const uint64_t count = reader.Varint();
  for (uint64_t i = 0; i < count && reader.ok(); ++i) {
    LINEAL_ASSIGN_OR_RETURN(ShardOp op, OpReader(&reader, ops.sources.size(), format != kFormatWithoutOrigins).Read());
    ops.ops.push_back(std::move(op));
  }
  if (!reader.ok() || !reader.AtEnd()) return DataLoss("operations are torn");
  return ops;
}

}  // namespace lineal::engine
