#include "index/quantizers/row_codes.h"

#include "index/quantizers/packed_codes.h"
#include "index/quantizers/sq8.h"
#include "index/quantizers/sq8_codes.h"

namespace lineal::index {
namespace {

constexpr double kBytesShareMax = 0.75;

}  // namespace

bool CodesPay(const RowFormat& format, uint32_t bits) {
  if (bits == 8) return CodesPay(format);
  if (bits == 1) return CanQuantize(format);
  return CanQuantize(format) && static_cast<double>(PackedCodes::StrideOf(format.dim, bits)) <=
                                    kBytesShareMax * static_cast<double>(format.row_bytes());
}

std::shared_ptr<const RowCodes> BuildRowCodes(const RowFormat& format, const RowView& rows, uint32_t count,
                                              const std::function<bool(LocalId)>& has, const CodeBuild& build) {
  if (build.bits == 8) return Sq8Codes::Build(format, rows, count, has, build.executor, build.parallelism);
  return PackedCodes::Build(format, rows, count, has, {build.bits, build.executor, build.parallelism});
}

std::shared_ptr<const RowCodes> EncodeAlike(const RowCodes& codes, const float* values, uint32_t count) {
  switch (codes.kind()) {
    case CodeKind::kSq8:
      return static_cast<const Sq8Codes&>(codes).EncodeAlike(values, count);
    case CodeKind::kPacked:
      return static_cast<const PackedCodes&>(codes).EncodeAlike(values, count);
  }
  __builtin_unreachable();
}

absl::StatusOr<std::shared_ptr<const RowCodes>> LoadRowCodes(std::string_view image, const RowFormat& format,
                                                             uint32_t rows) {
  if (!PackedCodes::IsImage(image)) return Sq8Codes::Load(image, format, rows);
  return PackedCodes::Load(image, format, rows);
}

}  // namespace lineal::index
