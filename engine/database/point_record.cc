#include "base/status.h"
#include "engine/database/local_collection.h"
#include "engine/payload/path.h"
#include "index/vectors/row_format.h"

namespace lineal::engine {
namespace {

absl::StatusOr<Value> SelectPayload(Value payload, const PayloadSelector& selector) {
  switch (selector.mode) {
    case PayloadSelector::Mode::kNone:
    case PayloadSelector::Mode::kAll:
      return payload;
    case PayloadSelector::Mode::kInclude: {
      Value out = Value::EmptyObject();
      for (const std::string& key : selector.keys) {
        LINEAL_ASSIGN_OR_RETURN(PayloadPath path, PayloadPath::Parse(key));
        path.CopyInto(payload, &out);
      }
      return out;
    }
    case PayloadSelector::Mode::kExclude:
      for (const std::string& key : selector.keys) {
        LINEAL_ASSIGN_OR_RETURN(PayloadPath path, PayloadPath::Parse(key));
        path.Remove(&payload);
      }
      return payload;
  }
  return payload;
}

}  // namespace

absl::StatusOr<PointRecord> RecordOf(const ShardView& view, const RowPlace& place, const PayloadSelector& payload,
                                     const VectorSelector& vectors) {
  PointRecord record;
  record.id = place.segment->rows().point(place.local);
  record.version = view.VersionOf(place);
  if (payload.mode != PayloadSelector::Mode::kNone) {
    LINEAL_ASSIGN_OR_RETURN(record.payload, SelectPayload(view.PayloadOf(place.row()), payload));
  }
  if (vectors.mode == VectorSelector::Mode::kNone) return record;
  auto add = [&](const VectorDef& def) {
    const VectorColumn* column = place.segment->Vector(def.number);
    if (column == nullptr || !column->Has(place.local)) return;
    NamedVector& out = record.vectors.emplace_back();
    out.name = def.name;
    out.values.resize(def.format.dim);
    index::DecodeRow(def.format, column->Row(place.local), out.values.data());
  };
  if (vectors.mode == VectorSelector::Mode::kAll) {
    for (const VectorDef& def : view.schema().vectors) add(def);
    return record;
  }
  for (const std::string& name : vectors.names) {
    const VectorDef* def = view.schema().FindVector(name);
    if (def == nullptr) return InvalidArgument("Not existing vector name error: ", name);
    add(*def);
  }
  return record;
}

}  // namespace lineal::engine
