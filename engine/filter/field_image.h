// The frame of a saved payload index: header, key, numbered sections, checksum (docs/format/field_index.md).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/io.h"
#include "engine/api/schema.h"

namespace lineal::engine {

struct FieldImageHeader {
  FieldType type = FieldType::kKeyword;
  uint32_t rows = 0;
  uint32_t rows_with_value = 0;
  std::string key;
};

absl::Status WriteFieldImage(const FieldImageHeader& header, const std::vector<std::string>& sections, ByteSink* sink);

struct FieldImage {
  FieldImageHeader header;
  std::vector<std::string_view> sections;  // borrowed
};
// Checks the frame and the checksum; what the sections hold is for the reader to check. DATA_LOSS.
absl::StatusOr<FieldImage> ReadFieldImage(std::string_view bytes);

}  // namespace lineal::engine
