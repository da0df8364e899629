#include "clients/cli/record_shape.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/coding.h"
#include "base/hash.h"
#include "base/status.h"
#include "engine/payload/json.h"

namespace lineal::cli {
namespace {

using engine::Value;

absl::Status Bad(const Record& record, std::string_view what) {
  return InvalidArgument("record ", record.row + 1, ": ", what);
}

std::optional<float> NumberOf(const Value& value) {
  if (const auto* real = value.get_if<double>()) return static_cast<float>(*real);
  if (const auto* whole = value.get_if<int64_t>()) return static_cast<float>(*whole);
  if (const auto* whole = value.get_if<uint64_t>()) return static_cast<float>(*whole);
  return std::nullopt;
}

// Text as it is, anything else as JSON, so that numbers can be hashed and embedded too.
std::string TextOf(const Value& value) { return value.is_string() ? value.string() : engine::ToJson(value); }

bool LooksExported(const Value& fields) {
  const Value* payload = fields.Find("payload");
  if (fields.Find("id") == nullptr || payload == nullptr || !(payload->is_object() || payload->is_null())) return false;
  return std::ranges::all_of(fields.object(), [](const Value::Member& member) {
    return member.first == "id" || member.first == "vector" || member.first == "payload";
  });
}

}  // namespace

PointId IdFromText(std::string_view text) {
  const Digest digest = Sha256("lineal point id\n", text);
  uint64_t high = GetBig64(digest.data());
  uint64_t low = GetBig64(digest.data() + 8);
  high = (high & ~uint64_t{0xf000}) | 0x8000;              // version 8: of our own making
  low = (low & ~(uint64_t{3} << 62)) | uint64_t{2} << 62;  // the variant of RFC 9562
  return PointId::Uuid(high, low);
}

absl::StatusOr<std::vector<float>> VectorFromJson(const Value& value) {
  if (value.is_string()) {
    LINEAL_ASSIGN_OR_RETURN(const Value parsed, engine::ParseJson(value.string()));
    if (parsed.is_string()) return InvalidArgument("is text, wanted is an array of numbers");
    return VectorFromJson(parsed);
  }
  if (!value.is_array()) return InvalidArgument("is no array of numbers");
  std::vector<float> out;
  out.reserve(value.array().size());
  for (const Value& component : value.array()) {
    const std::optional<float> number = NumberOf(component);
    if (!number || !std::isfinite(*number)) return InvalidArgument("has a component that is no finite number");
    out.push_back(*number);
  }
  return out;
}

absl::StatusOr<RecordShape> RecordShape::Make(const ShapeOptions& options, const Record& first) {
  RecordShape shape;
  shape.options_ = options;
  shape.exported_ = options.payload_field.empty() && LooksExported(first.fields);
  const std::string& id = options.id;
  if (id == "auto") {
    shape.id_from_ = first.fields.Find("id") != nullptr ? IdFrom::kField : IdFrom::kRow;
    shape.id_field_ = "id";
  } else if (id == "row") {
    shape.id_from_ = IdFrom::kRow;
  } else if (id == "hash") {
    shape.id_from_ = IdFrom::kHashOfAll;
  } else if (id.starts_with("field:") && id.size() > 6) {
    shape.id_from_ = IdFrom::kField;
    shape.id_field_ = id.substr(6);
  } else if (id.starts_with("hash:") && id.size() > 5) {
    shape.id_from_ = IdFrom::kHashOfField;
    shape.id_field_ = id.substr(5);
  } else {
    return InvalidArgument("--id is auto, row, hash, field:NAME or hash:NAME, got \"", id, "\"");
  }
  return shape;
}

absl::StatusOr<PointId> RecordShape::IdOf(const Record& record) const {
  if (id_from_ == IdFrom::kRow) return PointId::Number(options_.id_base + record.row);
  if (id_from_ == IdFrom::kHashOfAll) return IdFromText(engine::ToJson(record.fields));
  const Value* value = record.fields.Find(id_field_);
  if (value == nullptr) return Bad(record, StrCat("has no field `", id_field_, "` for the id"));
  if (id_from_ == IdFrom::kHashOfField) return IdFromText(TextOf(*value));
  if (const auto* number = value->get_if<int64_t>(); number != nullptr && *number >= 0) {
    return PointId::Number(static_cast<uint64_t>(*number));
  }
  if (const auto* number = value->get_if<uint64_t>()) return PointId::Number(*number);
  if (value->is_string()) {
    if (const auto id = PointId::Parse(value->string())) return *id;
  }
  return Bad(record, StrCat("field `", id_field_, "` is ", engine::ToJson(*value).substr(0, 60),
                            ", an id is a whole number or a UUID; --id hash:", id_field_, " makes one of it"));
}

absl::Status RecordShape::TakeVectors(Record* record, ShapedPoint* point) const {
  if (!record->vector.empty()) {
    point->vectors.push_back({options_.vector_name, std::move(record->vector)});
    return absl::OkStatus();
  }
  const Value* field = record->fields.Find(options_.vector_field);
  if (field == nullptr) {
    return Bad(*record, StrCat("has no vector field `", options_.vector_field,
                               "`; --vector-field names another, --embed-field a text to embed"));
  }
  if (field->is_object()) {
    for (const auto& [name, value] : field->object()) {
      auto vector = VectorFromJson(value);
      if (!vector.ok()) return Bad(*record, StrCat("vector `", name, "` ", MessageOf(vector.status())));
      point->vectors.push_back({name, *std::move(vector)});
    }
  } else {
    auto vector = VectorFromJson(*field);
    if (!vector.ok()) return Bad(*record, StrCat("field `", options_.vector_field, "` ", MessageOf(vector.status())));
    point->vectors.push_back({options_.vector_name, *std::move(vector)});
  }
  record->fields.Erase(options_.vector_field);
  return absl::OkStatus();
}

absl::Status RecordShape::TakeText(const Record& record, ShapedPoint* point) const {
  for (const std::string& name : options_.embed_fields) {
    const Value* value = record.fields.Find(name);
    if (value == nullptr || value->is_null()) continue;
    StrAppend(&point->text, point->text.empty() ? "" : "\n\n", TextOf(*value));
  }
  if (!point->text.empty()) return absl::OkStatus();
  return Bad(record, StrCat("has no text to embed in `", options_.embed_fields.front(), "`"));
}

absl::Status RecordShape::TakePayload(Record record, ShapedPoint* point) const {
  if (exported_ || !options_.payload_field.empty()) {
    const std::string& name = exported_ ? std::string("payload") : options_.payload_field;
    const Value* payload = record.fields.Find(name);
    if (payload != nullptr && !payload->is_object() && !payload->is_null()) {
      return Bad(record, StrCat("field `", name, "` is no object"));
    }
    if (payload != nullptr) point->payload = *payload;
    return absl::OkStatus();
  }
  if (id_from_ == IdFrom::kField) record.fields.Erase(id_field_);
  if (!record.fields.object().empty()) point->payload = std::move(record.fields);
  return absl::OkStatus();
}

absl::Status RecordShape::TakeSource(const Record& record, ShapedPoint* point) const {
  if (!options_.source) return absl::OkStatus();
  point->source = engine::PointSource{*options_.source, static_cast<uint32_t>(record.row)};
  if (options_.source_field.empty()) return absl::OkStatus();
  const Value* name = record.fields.Find(options_.source_field);
  if (name == nullptr || name->is_null()) {
    return Bad(record, StrCat("has no field `", options_.source_field, "` that says what it was made from"));
  }
  point->source->source.name = TextOf(*name);
  point->source->source.version.clear();
  if (const Value* version = record.fields.Find(options_.source_version_field)) {
    point->source->source.version = TextOf(*version);
  }
  return absl::OkStatus();
}

absl::StatusOr<ShapedPoint> RecordShape::Shape(Record record) const {
  ShapedPoint point;
  LINEAL_ASSIGN_OR_RETURN(point.id, IdOf(record));
  if (options_.embed_fields.empty()) {
    LINEAL_RETURN_IF_ERROR(TakeVectors(&record, &point));
  } else {
    LINEAL_RETURN_IF_ERROR(TakeText(record, &point));
  }
  LINEAL_RETURN_IF_ERROR(TakeSource(record, &point));
  LINEAL_RETURN_IF_ERROR(TakePayload(std::move(record), &point));
  return point;
}

}  // namespace lineal::cli
