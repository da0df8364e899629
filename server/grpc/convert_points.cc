#include "server/grpc/convert_points.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "base/status.h"
#include "engine/api/schema.h"
#include "server/grpc/convert_filter.h"
#include "server/grpc/convert_value.h"
#include "server/grpc/convert_vector.h"

namespace lineal::server {
namespace {

using engine::PointInput;

absl::Status CheckCount(size_t points) {
  if (points <= engine::kBatchPointsMax) return absl::OkStatus();
  return OutOfRange("request has ", points, " points, the limit is ", engine::kBatchPointsMax);
}

template <class Repeated>
absl::Status CheckNames(const Repeated& vectors) {
  if (vectors.size() < 2) return absl::OkStatus();
  std::vector<std::string_view> names;
  names.reserve(static_cast<size_t>(vectors.size()));
  for (const auto& vector : vectors) names.push_back(vector.name());
  std::ranges::sort(names);
  auto twice = std::ranges::adjacent_find(names);
  if (twice == names.end()) return absl::OkStatus();
  return InvalidArgument("vector name `", *twice, "` is given twice");
}

absl::Status CheckPayloadBytes(size_t bytes) {
  if (bytes <= engine::kPayloadBytesMax) return absl::OkStatus();
  return OutOfRange("payload has ", bytes, " bytes, the limit is ", engine::kPayloadBytesMax);
}

absl::StatusOr<PointInput> PointFromWire(const v1::Point& wire) {
  PointInput point;
  LINEAL_ASSIGN_OR_RETURN(point.id, IdFromWire(wire.id()));
  LINEAL_RETURN_IF_ERROR(CheckNames(wire.vectors()));
  point.vectors.reserve(static_cast<size_t>(wire.vectors_size()));
  for (const v1::NamedVector& vector : wire.vectors()) {
    LINEAL_ASSIGN_OR_RETURN(auto values, UnpackVector(vector.type(), vector.data()));
    point.vectors.push_back({vector.name(), std::move(values)});
  }
  LINEAL_RETURN_IF_ERROR(CheckPayloadBytes(wire.payload_json().size()));
  LINEAL_ASSIGN_OR_RETURN(point.payload,
                          PayloadFromWire(wire.has_payload() ? &wire.payload() : nullptr, wire.payload_json()));
  return point;
}

// Bytes of one row. INVALID_ARGUMENT unless the block holds exactly `rows` of them.
absl::StatusOr<size_t> RowBytes(const v1::VectorBlock& block, size_t rows) {
  LINEAL_ASSIGN_OR_RETURN(size_t width, ComponentBytes(block.type()));
  if (block.dim() == 0 || block.dim() > engine::kDimMax) {
    return OutOfRange("vector block `", block.name(), "` has dim ", block.dim(), ", the limits are 1 and ",
                      engine::kDimMax);
  }
  const size_t row_bytes = block.dim() * width;
  if (block.data().size() != rows * row_bytes) {
    return InvalidArgument("vector block `", block.name(), "` has ", block.data().size(), " bytes, ", rows,
                           " rows of dim ", block.dim(), " need ", rows * row_bytes);
  }
  return row_bytes;
}

absl::Status AppendVectors(const v1::VectorBlock& block, std::span<PointInput> points) {
  LINEAL_ASSIGN_OR_RETURN(size_t row_bytes, RowBytes(block, points.size()));
  std::string_view data = block.data();
  for (PointInput& point : points) {
    engine::NamedVector& vector = point.vectors.emplace_back();
    vector.name = block.name();
    vector.values.resize(block.dim());
    UnpackComponents(block.type(), data.substr(0, row_bytes), vector.values);
    data.remove_prefix(row_bytes);
  }
  return absl::OkStatus();
}

absl::Status AppendBlock(const v1::PointBlock& block, std::vector<PointInput>* out) {
  std::vector<PointId> ids;
  LINEAL_RETURN_IF_ERROR(AppendIds(block.ids(), &ids));
  LINEAL_RETURN_IF_ERROR(CheckNames(block.vectors()));
  const auto payloads = static_cast<size_t>(block.payloads_json_size());
  if (payloads != 0 && payloads != ids.size()) {
    return InvalidArgument("block has ", payloads, " payloads for ", ids.size(), " ids");
  }
  const size_t first = out->size();
  out->resize(first + ids.size());
  auto points = std::span(*out).subspan(first);
  for (size_t i = 0; i < ids.size(); ++i) {
    points[i].id = ids[i];
    points[i].vectors.reserve(static_cast<size_t>(block.vectors_size()));
    if (payloads == 0) continue;
    const std::string& json = block.payloads_json(static_cast<int>(i));
    LINEAL_RETURN_IF_ERROR(Annotate(CheckPayloadBytes(json.size()), StrCat("row ", i)));
    auto payload = PayloadFromWire(nullptr, json);
    LINEAL_RETURN_IF_ERROR(Annotate(payload.status(), StrCat("row ", i)));
    points[i].payload = *std::move(payload);
  }
  for (const v1::VectorBlock& vectors : block.vectors()) LINEAL_RETURN_IF_ERROR(AppendVectors(vectors, points));
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<PointInput>> PointsFromWire(const WirePoints& points, const WireBlocks& blocks) {
  auto count = static_cast<size_t>(points.size());
  for (const v1::PointBlock& block : blocks) {
    LINEAL_ASSIGN_OR_RETURN(size_t rows, CountIds(block.ids()));
    count += rows;
  }
  LINEAL_RETURN_IF_ERROR(CheckCount(count));
  std::vector<PointInput> out;
  out.reserve(count);
  for (const v1::Point& point : points) {
    auto converted = PointFromWire(point);
    LINEAL_RETURN_IF_ERROR(Annotate(converted.status(), StrCat("point ", out.size())));
    out.push_back(*std::move(converted));
  }
  for (int i = 0; i < blocks.size(); ++i) {
    LINEAL_RETURN_IF_ERROR(Annotate(AppendBlock(blocks[i], &out), StrCat("block ", i)));
  }
  return out;
}

absl::StatusOr<engine::PointSelector> SelectorFromWire(const v1::PointSelector& selector) {
  if (selector.has_filter()) {
    LINEAL_ASSIGN_OR_RETURN(engine::Filter filter, FilterFromWire(selector.filter()));
    return engine::PointSelector(std::move(filter));
  }
  if (!selector.has_ids()) return InvalidArgument("points has neither ids nor filter");
  const v1::PointList& list = selector.ids();
  LINEAL_ASSIGN_OR_RETURN(size_t packed, CountIds(list.packed()));
  LINEAL_RETURN_IF_ERROR(CheckCount(packed + static_cast<size_t>(list.ids_size())));
  std::vector<PointId> ids;
  for (const v1::PointId& id : list.ids()) {
    LINEAL_ASSIGN_OR_RETURN(PointId converted, IdFromWire(id));
    ids.push_back(converted);
  }
  LINEAL_RETURN_IF_ERROR(AppendIds(list.packed(), &ids));
  return engine::PointSelector(std::move(ids));
}

}  // namespace lineal::server
