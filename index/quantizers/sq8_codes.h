// The codes of a segment's rows, in memory: what a search walks through instead of the rows. A row of codes begins at a
// cache line; what a distance needs beside the codes is one number a row, kept apart so that the rows stay aligned.
//
// Threads: immutable once built; any.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "base/executor.h"
#include "base/io.h"
#include "index/quantizers/row_codes.h"
#include "index/quantizers/sq8.h"
#include "index/vectors/page_array.h"
#include "index/vectors/row_view.h"

namespace lineal::index {

class Sq8Codes final : public RowCodes {
 public:
  // Trains on and encodes the rows below `count`; CanQuantize(format) holds. Rows that `has` denies are zeroes.
  static std::shared_ptr<const Sq8Codes> Build(const RowFormat& format, const RowView& rows, uint32_t count,
                                               const std::function<bool(LocalId)>& has, Executor* executor = nullptr,
                                               size_t parallelism = 1);
  // The same of rows that grow up to `capacity`.
  static std::shared_ptr<const Sq8Codes> BuildGrowing(const RowFormat& format, const RowView& rows, uint32_t count,
                                                      uint32_t capacity, const std::function<bool(LocalId)>& has);
  // These codes and those of the rows from rows() up to `count`, mapped as these are. Both share their room, so that
  // only the latest of growing codes may be extended; `count` is at most the capacity.
  std::shared_ptr<const Sq8Codes> Extend(const RowView& rows, uint32_t count,
                                         const std::function<bool(LocalId)>& has) const;
  // Of `count` vectors of floats, mapped as these codes are: one query serves both.
  std::shared_ptr<const Sq8Codes> EncodeAlike(const float* values, uint32_t count) const;
  // A checksummed image (docs/format/segment.md), and codes copied from one: DATA_LOSS if it is damaged, of another
  // format or of another number of rows.
  absl::Status Save(ByteSink* sink) const override;
  static absl::StatusOr<std::shared_ptr<const Sq8Codes>> Load(std::string_view image, const RowFormat& format,
                                                              uint32_t rows);

  CodeKind kind() const override { return CodeKind::kSq8; }
  uint32_t bits() const override { return 8; }
  const RowFormat& format() const { return format_; }
  const Sq8Range& range() const { return range_; }
  uint32_t rows() const override { return count_; }
  // Components and padding of a row: a multiple of kCodeBlock. Codes are stored less 128, as signed bytes.
  size_t stride() const override { return stride_; }
  const std::byte* at(uint32_t id) const { return codes_ + id * stride_; }
  // Under dot the sum of the codes times minus the zero point, else the sum of their squares.
  const int32_t* terms() const { return terms_; }
  uint64_t memory_bytes() const override;

 private:
  struct Room {
    PageArray codes, terms;
  };
  static Room MakeRoom(uint32_t capacity, size_t stride, bool growing);
  Sq8Codes(const RowFormat& format, const Sq8Range& range, uint32_t count, uint32_t capacity);
  Sq8Codes(const Sq8Codes& like, uint32_t count);
  void EncodeRows(const RowView& rows, uint32_t begin, uint32_t end, const std::function<bool(LocalId)>& has);
  void Encode(const float* values, uint32_t id);

  const RowFormat format_;
  const Sq8Range range_;
  const uint32_t count_;
  const size_t stride_;
  const std::shared_ptr<Room> room_;
  std::byte* const codes_;
  int32_t* const terms_;
};

}  // namespace lineal::index
