// How a record becomes a point: where its id, vector, text to embed and payload are.
//
// Threads: Shape() from any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "clients/cli/record_reader.h"
#include "engine/api/write.h"

namespace lineal::cli {

struct ShapeOptions {
  // "auto": the field "id" where the first record has one, else the row; "row"; "hash": of all fields; "field:NAME";
  // "hash:NAME".
  std::string id = "auto";
  uint64_t id_base = 0;  // added to a row
  std::string vector_field = "vector";
  std::string vector_name;                // of a vector that has no name of its own
  std::vector<std::string> embed_fields;  // texts joined by an empty line; empty: the vector is in the record
  // What points were made from: this, unless a field of the record says so.
  std::optional<engine::SourceVersion> source;
  std::string source_field;
  std::string source_version_field;
  std::string payload_field;  // only this field, an object, is the payload; "": all that is left
};

struct ShapedPoint {
  PointId id;
  std::vector<engine::NamedVector> vectors;
  std::string text;  // to embed, if embed_fields are given
  engine::Value payload;
  std::optional<engine::PointSource> source;
};

class RecordShape {
 public:
  // Decides what "auto" means by the first record. INVALID_ARGUMENT for options that are none.
  static absl::StatusOr<RecordShape> Make(const ShapeOptions& options, const Record& first);

  // INVALID_ARGUMENT naming the row and what is wrong with it.
  absl::StatusOr<ShapedPoint> Shape(Record record) const;

 private:
  enum class IdFrom { kRow, kField, kHashOfField, kHashOfAll };

  absl::StatusOr<PointId> IdOf(const Record& record) const;
  absl::Status TakeVectors(Record* record, ShapedPoint* point) const;
  absl::Status TakeText(const Record& record, ShapedPoint* point) const;
  absl::Status TakePayload(Record record, ShapedPoint* point) const;
  absl::Status TakeSource(const Record& record, ShapedPoint* point) const;

  ShapeOptions options_;
  IdFrom id_from_ = IdFrom::kRow;
  std::string id_field_;
  bool exported_ = false;  // records are as `lineal export` writes them: id, vector, payload
};

// A UUID (version 8) that is the same for the same text on every machine.
PointId IdFromText(std::string_view text);
// The components of a JSON array of numbers, or of text that is one.
absl::StatusOr<std::vector<float>> VectorFromJson(const engine::Value& value);

}  // namespace lineal::cli
