// Codes of a segment's rows, whatever their kind: what a search judges rows by instead of reading them. A search asks
// once which kind it has (ByKind); nothing is virtual in its loops.
//
// Threads: immutable once built; any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/executor.h"
#include "base/ids.h"
#include "base/io.h"
#include "index/vectors/row_format.h"
#include "index/vectors/row_view.h"

namespace lineal::index {

enum class CodeKind : uint8_t {
  kSq8,     // sq8_codes.h
  kPacked,  // packed_codes.h
};

class RowCodes {
 public:
  virtual ~RowCodes() = default;
  virtual CodeKind kind() const = 0;
  virtual uint32_t bits() const = 0;  // of a component
  virtual uint32_t rows() const = 0;
  // Bytes that a distance reads, but for a number or two beside them.
  virtual size_t stride() const = 0;
  virtual uint64_t memory_bytes() const = 0;
  // A checksummed image (docs/format/segment.md).
  virtual absl::Status Save(ByteSink* sink) const = 0;
};

// The bits a component that codes may have; 1 stands for none beside those of the lists.
inline constexpr uint32_t kCodeBits[] = {1, 2, 4, 8};
// Whether codes of so many bits are so much smaller than rows of this format that they are worth their memory.
bool CodesPay(const RowFormat& format, uint32_t bits);

struct CodeBuild {
  uint32_t bits = 8;  // 2, 4, 8
  Executor* executor = nullptr;
  size_t parallelism = 1;
};
// Sq8Codes of eight bits, PackedCodes of fewer, for the rows below `count`; CanQuantize(format) holds. Rows that `has`
// denies are zeroes.
std::shared_ptr<const RowCodes> BuildRowCodes(const RowFormat& format, const RowView& rows, uint32_t count,
                                              const std::function<bool(LocalId)>& has, const CodeBuild& build);
// Of `count` vectors of floats, so that one query serves them and `codes` (DistanceToAll of Sq8Query and PackedQuery).
std::shared_ptr<const RowCodes> EncodeAlike(const RowCodes& codes, const float* values, uint32_t count);
// Codes of either kind copied from an image: DATA_LOSS if it is damaged, of another format or number of rows.
absl::StatusOr<std::shared_ptr<const RowCodes>> LoadRowCodes(std::string_view image, const RowFormat& format,
                                                             uint32_t rows);

}  // namespace lineal::index
