#include "server/grpc/convert_vector.h"

#include <bit>
#include <cstring>

#include "base/bfloat16.h"
#include "base/half.h"
#include "base/status.h"
#include "engine/api/schema.h"

namespace lineal::server {
namespace {

static_assert(std::endian::native == std::endian::little, "packed components are copied as they lie");

constexpr size_t kUuidBytes = 16;

uint64_t BigEndian(const char* bytes) {
  uint64_t value = 0;
  for (int i = 0; i < 8; ++i) value = value << 8 | static_cast<uint8_t>(bytes[i]);
  return value;
}

}  // namespace

absl::StatusOr<PointId> IdFromWire(const v1::PointId& id) {
  if (id.has_number()) return PointId::Number(id.number());
  if (!id.has_uuid()) return InvalidArgument("point id has neither number nor uuid");
  auto uuid = PointId::ParseUuid(id.uuid());
  if (!uuid) return InvalidArgument("point id is not a UUID: `", id.uuid().substr(0, 64), "`");
  return *uuid;
}

void IdToWire(const PointId& id, v1::PointId* out) {
  if (id.is_uuid()) {
    out->set_uuid(id.ToString());
  } else {
    out->set_number(id.number());
  }
}

absl::StatusOr<size_t> CountIds(const v1::PackedIds& ids) {
  if (ids.uuids().empty()) return static_cast<size_t>(ids.numbers_size());
  if (ids.numbers_size() != 0) return InvalidArgument("packed ids have both numbers and uuids");
  if (ids.uuids().size() % kUuidBytes != 0) {
    return InvalidArgument("packed uuids have ", ids.uuids().size(), " bytes, not a multiple of ", kUuidBytes);
  }
  return ids.uuids().size() / kUuidBytes;
}

absl::Status AppendIds(const v1::PackedIds& ids, std::vector<PointId>* out) {
  LINEAL_ASSIGN_OR_RETURN(size_t count, CountIds(ids));
  out->reserve(out->size() + count);
  for (uint64_t number : ids.numbers()) out->push_back(PointId::Number(number));
  const std::string& uuids = ids.uuids();
  for (size_t at = 0; at < uuids.size(); at += kUuidBytes) {
    out->push_back(PointId::Uuid(BigEndian(&uuids[at]), BigEndian(&uuids[at + 8])));
  }
  return absl::OkStatus();
}

absl::StatusOr<size_t> ComponentBytes(v1::ElementType type) {
  if (type == v1::ELEMENT_TYPE_F32) return sizeof(float);
  if (type == v1::ELEMENT_TYPE_F16 || type == v1::ELEMENT_TYPE_BF16) return sizeof(uint16_t);
  if (type == v1::ELEMENT_TYPE_U8) return sizeof(uint8_t);
  return InvalidArgument("element type ", static_cast<int>(type), " is not known");
}

void UnpackComponents(v1::ElementType type, std::string_view data, std::span<float> out) {
  if (type == v1::ELEMENT_TYPE_F32) {
    if (!out.empty()) std::memcpy(out.data(), data.data(), out.size_bytes());
  } else if (type == v1::ELEMENT_TYPE_F16 || type == v1::ELEMENT_TYPE_BF16) {
    const auto widen = type == v1::ELEMENT_TYPE_F16 ? FloatFromHalf : FloatFromBfloat16;
    for (size_t i = 0; i < out.size(); ++i) {
      uint16_t half;
      std::memcpy(&half, data.data() + 2 * i, sizeof half);
      out[i] = widen(half);
    }
  } else {
    for (size_t i = 0; i < out.size(); ++i) out[i] = static_cast<float>(static_cast<uint8_t>(data[i]));
  }
}

absl::StatusOr<std::vector<float>> UnpackVector(v1::ElementType type, std::string_view data) {
  LINEAL_ASSIGN_OR_RETURN(size_t width, ComponentBytes(type));
  if (data.empty()) return InvalidArgument("vector is empty");
  if (data.size() % width != 0) {
    return InvalidArgument("vector has ", data.size(), " bytes, not a multiple of ", width);
  }
  const size_t dim = data.size() / width;
  if (dim > engine::kDimMax) return OutOfRange("vector has ", dim, " components, the limit is ", engine::kDimMax);
  std::vector<float> values(dim);
  UnpackComponents(type, data, values);
  return values;
}

std::string PackFloats(std::span<const float> values) {
  return std::string(reinterpret_cast<const char*>(values.data()), values.size_bytes());
}

}  // namespace lineal::server
