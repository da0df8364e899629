#include "engine/database/write_plan.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "base/status.h"
#include "engine/filter/compiled_filter.h"
#include "engine/payload/codec.h"
#include "engine/payload/path.h"
#include "engine/shard/origin_record.h"
#include "index/vectors/row_format.h"

namespace lineal::engine {
namespace {

constexpr uint64_t kSlots = 16'384;

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

absl::Status CheckSelector(const PointSelector& selector) {
  if (const auto* ids = std::get_if<0>(&selector)) {
    if (ids->size() > kBatchPointsMax) {
      return MakeError(ErrorKind::kPayloadTooLarge,
                       StrCat("request names ", ids->size(), " points, the limit is ", kBatchPointsMax));
    }
    return absl::OkStatus();
  }
  return CompiledFilter::Compile(std::get<1>(selector)).status();
}

}  // namespace

uint32_t ShardOf(const PointId& id, uint32_t shard_count) {
  return static_cast<uint32_t>(SlotHash(id) % kSlots * shard_count / kSlots);
}

absl::StatusOr<WritePlan> WritePlan::Make(const WriteRequest& request, const TableSchema& schema,
                                          uint32_t shard_count) {
  WritePlan plan;
  LINEAL_RETURN_IF_ERROR(ValidateContext(request.context));
  plan.parts_.resize(shard_count);
  plan.source_places_.resize(shard_count);
  for (ShardOps& part : plan.parts_) part.context = request.context;
  for (const WriteOp& op : request.ops) LINEAL_RETURN_IF_ERROR(plan.Add(op, schema));
  return plan;
}

absl::StatusOr<std::string_view> WritePlan::Payload(const Value& payload) {
  if (payload.is_null()) return std::string_view();
  if (!payload.is_object()) return InvalidArgument("payload must be an object");
  if (payload.object().empty()) return std::string_view();
  const std::string& bytes = bytes_.emplace_back(EncodePayload(payload));
  if (bytes.size() > kPayloadBytesMax) {
    return MakeError(ErrorKind::kPayloadTooLarge,
                     StrCat("payload has ", bytes.size(), " bytes, the limit is ", kPayloadBytesMax));
  }
  return std::string_view(bytes);
}

absl::StatusOr<uint32_t> WritePlan::Source(const SourceVersion& source, size_t shard) {
  LINEAL_RETURN_IF_ERROR(ValidateSource(source));
  std::vector<SourceVersion>& sources = parts_[shard].sources;
  if (!sources.empty() && sources.back() == source) return static_cast<uint32_t>(sources.size());
  const auto next = static_cast<uint32_t>(sources.size() + 1);
  const auto [place, added] = source_places_[shard].try_emplace(EncodeSource(source), next);
  if (added) sources.push_back(source);
  return place->second;
}

absl::StatusOr<StoredVector> WritePlan::Vector(const NamedVector& vector, const TableSchema& schema) {
  const VectorDef* def = schema.FindVector(vector.name);
  if (def == nullptr) return InvalidArgument("Not existing vector name error: ", vector.name);
  if (vector.values.size() != def->format.dim) {
    return InvalidArgument("Vector dimension error: expected dim: ", def->format.dim, ", got ", vector.values.size());
  }
  std::string& row = bytes_.emplace_back(def->format.row_bytes(), '\0');
  StoredVector stored;
  stored.number = def->number;
  LINEAL_RETURN_IF_ERROR(
      index::EncodeRow(def->format, vector.values, reinterpret_cast<std::byte*>(row.data()), &stored.norm));
  stored.row = row;
  return stored;
}

absl::Status WritePlan::AddPoints(const std::vector<PointInput>& points, const TableSchema& schema, bool whole) {
  if (points.size() > kBatchPointsMax) {
    return MakeError(ErrorKind::kPayloadTooLarge,
                     StrCat("batch has ", points.size(), " points, the limit is ", kBatchPointsMax));
  }
  frees_space_ = false;
  // Of an id given twice the last one stays.
  absl::flat_hash_map<PointId, size_t> last;
  for (size_t i = 0; i < points.size(); ++i) last[points[i].id] = i;
  std::vector<std::vector<OpPoint>> by_shard(parts_.size());
  for (size_t i = 0; i < points.size(); ++i) {
    const PointInput& point = points[i];
    OpPoint out;
    out.id = point.id;
    if (whole) {
      absl::StatusOr<std::string_view> payload = Payload(point.payload);
      if (!payload.ok()) return Annotate(payload.status(), StrCat("point ", point.id.ToString()));
      out.payload = *payload;
    }
    for (const NamedVector& vector : point.vectors) {
      LINEAL_ASSIGN_OR_RETURN(StoredVector stored, Vector(vector, schema));
      if (std::any_of(out.vectors.begin(), out.vectors.end(),
                      [&](const auto& v) { return v.number == stored.number; })) {
        return InvalidArgument("point ", point.id.ToString(), " gives vector `", vector.name, "` twice");
      }
      out.vectors.push_back(stored);
    }
    if (last[point.id] != i) continue;
    const uint32_t shard = ShardOf(point.id, static_cast<uint32_t>(parts_.size()));
    if (point.source) {
      absl::StatusOr<uint32_t> source = Source(point.source->source, shard);
      if (!source.ok()) return Annotate(source.status(), StrCat("point ", point.id.ToString()));
      out.source = *source;
      out.ordinal = point.source->ordinal;
    }
    by_shard[shard].push_back(std::move(out));
  }
  for (size_t shard = 0; shard < by_shard.size(); ++shard) {
    if (by_shard[shard].empty()) continue;
    if (whole) {
      parts_[shard].ops.push_back(UpsertOp{std::move(by_shard[shard])});
    } else {
      parts_[shard].ops.push_back(UpdateVectorsOp{std::move(by_shard[shard])});
    }
  }
  return absl::OkStatus();
}

std::vector<std::optional<OpSelector>> WritePlan::Split(const PointSelector& selector) const {
  std::vector<std::optional<OpSelector>> split(parts_.size());
  if (const auto* ids = std::get_if<0>(&selector)) {
    for (const PointId& id : *ids) {
      auto& part = split[ShardOf(id, static_cast<uint32_t>(parts_.size()))];
      if (!part) part = std::vector<PointId>();
      std::get<0>(*part).push_back(id);
    }
  } else {
    for (auto& part : split) part = std::get<1>(selector);
  }
  return split;
}

template <class Op>
void WritePlan::AddSelected(const PointSelector& selector, const Op& op) {
  std::vector<std::optional<OpSelector>> split = Split(selector);
  for (size_t shard = 0; shard < split.size(); ++shard) {
    if (!split[shard]) continue;
    Op part = op;
    part.points = *std::move(split[shard]);
    parts_[shard].ops.push_back(std::move(part));
  }
}

absl::Status WritePlan::Add(const WriteOp& op, const TableSchema& schema) {
  auto check_keys = [](const std::vector<std::string>& keys) -> absl::Status {
    for (const std::string& key : keys) LINEAL_RETURN_IF_ERROR(PayloadPath::Parse(key).status());
    return absl::OkStatus();
  };
  return std::visit(Overloaded{
                        [&](const UpsertPoints& any) { return AddPoints(any.points, schema, true); },
                        [&](const UpdateVectors& any) -> absl::Status {
                          for (const PointInput& point : any.points) {
                            if (point.vectors.empty())
                              return InvalidArgument("point ", point.id.ToString(), " has no vectors");
                          }
                          return AddPoints(any.points, schema, false);
                        },
                        [&](const DeletePoints& any) -> absl::Status {
                          LINEAL_RETURN_IF_ERROR(CheckSelector(any.points));
                          AddSelected(any.points, DeleteOp{});
                          return absl::OkStatus();
                        },
                        [&](const DeleteVectors& any) -> absl::Status {
                          LINEAL_RETURN_IF_ERROR(CheckSelector(any.points));
                          frees_space_ = false;
                          DeleteVectorsOp out;
                          for (const std::string& name : any.names) {
                            const VectorDef* def = schema.FindVector(name);
                            if (def == nullptr) return InvalidArgument("Not existing vector name error: ", name);
                            out.numbers.push_back(def->number);
                          }
                          AddSelected(any.points, out);
                          return absl::OkStatus();
                        },
                        [&](const SetPayload& any) -> absl::Status {
                          LINEAL_RETURN_IF_ERROR(CheckSelector(any.points));
                          if (!any.key.empty()) LINEAL_RETURN_IF_ERROR(PayloadPath::Parse(any.key).status());
                          if (!any.payload.is_object()) return InvalidArgument("payload must be an object");
                          frees_space_ = false;
                          SetPayloadOp out;
                          const std::string& bytes = bytes_.emplace_back(EncodePayload(any.payload));
                          if (bytes.size() > kPayloadBytesMax) {
                            return MakeError(
                                ErrorKind::kPayloadTooLarge,
                                StrCat("payload has ", bytes.size(), " bytes, the limit is ", kPayloadBytesMax));
                          }
                          out.payload = bytes;
                          out.key = any.key;
                          AddSelected(any.points, out);
                          return absl::OkStatus();
                        },
                        [&](const OverwritePayload& any) -> absl::Status {
                          LINEAL_RETURN_IF_ERROR(CheckSelector(any.points));
                          frees_space_ = false;
                          OverwritePayloadOp out;
                          LINEAL_ASSIGN_OR_RETURN(out.payload, Payload(any.payload));
                          AddSelected(any.points, out);
                          return absl::OkStatus();
                        },
                        [&](const DeletePayload& any) -> absl::Status {
                          LINEAL_RETURN_IF_ERROR(CheckSelector(any.points));
                          LINEAL_RETURN_IF_ERROR(check_keys(any.keys));
                          AddSelected(any.points, DeletePayloadOp{{}, any.keys});
                          return absl::OkStatus();
                        },
                        [&](const ClearPayload& any) -> absl::Status {
                          LINEAL_RETURN_IF_ERROR(CheckSelector(any.points));
                          AddSelected(any.points, ClearPayloadOp{});
                          return absl::OkStatus();
                        },
                    },
                    op);
}

}  // namespace lineal::engine
