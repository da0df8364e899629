#include "index/quantizers/sq8_codes.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "base/checked_image.h"
#include "base/coding.h"
#include "base/status.h"
#include "index/kernels/kernel_table.h"

namespace lineal::index {
namespace {

constexpr uint32_t kMagic = 0x31385153;  // "SQ81"
constexpr size_t kHeaderBytes = 64;
constexpr uint32_t kRowsPerTask = 4'096;

std::string HeaderOf(const RowFormat& format, const Sq8Range& range, uint32_t rows, size_t stride) {
  std::string header;
  PutImageHead(&header, kMagic, format);
  PutFixed(&header, rows);
  PutFixed(&header, static_cast<uint32_t>(stride));
  PutFixed(&header, range.low);
  PutFixed(&header, range.step);
  PutFixed(&header, range.mean_square_error);
  PutFixed(&header, range.mean_square_norm);
  header.resize(kHeaderBytes, '\0');
  return header;
}

Sq8Range RangeOf(std::string_view header) {
  Reader reader(header.substr(20));
  Sq8Range range;
  range.low = reader.Fixed<float>();
  range.step = reader.Fixed<float>();
  range.mean_square_error = reader.Fixed<float>();
  range.mean_square_norm = reader.Fixed<float>();
  return range;
}

bool IsSane(const Sq8Range& range) {
  return std::isfinite(range.low) && std::isfinite(range.step) && range.step > 0 &&
         std::isfinite(range.mean_square_error) && range.mean_square_error >= 0 &&
         std::isfinite(range.mean_square_norm) && range.mean_square_norm >= 0 && std::abs(range.low) < 1e6 * range.step;
}

}  // namespace

Sq8Codes::Room Sq8Codes::MakeRoom(uint32_t capacity, size_t stride, bool growing) {
  const auto pages = growing ? PageArray::Pages::kSmall : PageArray::Pages::kHugeIfLarge;
  return {PageArray(capacity * stride, pages), PageArray(capacity * sizeof(int32_t), pages)};
}

Sq8Codes::Sq8Codes(const RowFormat& format, const Sq8Range& range, uint32_t count, uint32_t capacity)
    : format_(format),
      range_(range),
      count_(count),
      stride_(CodeBytes(format)),
      room_(std::make_shared<Room>(MakeRoom(capacity, stride_, capacity > count))),
      codes_(room_->codes.as<std::byte>()),
      terms_(room_->terms.as<int32_t>()) {}

Sq8Codes::Sq8Codes(const Sq8Codes& like, uint32_t count)
    : format_(like.format_),
      range_(like.range_),
      count_(count),
      stride_(like.stride_),
      room_(like.room_),
      codes_(like.codes_),
      terms_(like.terms_) {}

uint64_t Sq8Codes::memory_bytes() const {
  return room_->codes.touched_bytes(count_ * stride_) + room_->terms.touched_bytes(count_ * sizeof(int32_t));
}

void Sq8Codes::Encode(const float* values, uint32_t id) {
  const float scale = 1 / range_.step;
  const float shift = 0.5f - range_.low * scale;
  auto* codes = reinterpret_cast<int8_t*>(codes_ + id * stride_);
  int32_t sum = 0, squares = 0;
  for (uint32_t i = 0; i < format_.dim; ++i) {
    const auto code = static_cast<int32_t>(std::min(255.0f, std::max(0.0f, values[i] * scale + shift)));
    codes[i] = static_cast<int8_t>(code - 128);
    sum += code;
    squares += code * code;
  }
  terms_[id] = format_.distance == Distance::kDot ? -range_.zero_point() * sum : squares;
}

void Sq8Codes::EncodeRows(const RowView& rows, uint32_t begin, uint32_t end, const std::function<bool(LocalId)>& has) {
  std::vector<float> values(format_.dim);
  for (uint32_t id = begin; id < end; ++id) {
    if (!has(LocalId{id})) continue;
    DecodeRow(format_, rows.at(LocalId{id}), values.data());
    Encode(values.data(), id);
  }
}

std::shared_ptr<const Sq8Codes> Sq8Codes::EncodeAlike(const float* values, uint32_t count) const {
  std::shared_ptr<Sq8Codes> codes(new Sq8Codes(format_, range_, count, count));
  for (uint32_t i = 0; i < count; ++i) codes->Encode(values + size_t{i} * format_.dim, i);
  return codes;
}

std::shared_ptr<const Sq8Codes> Sq8Codes::Build(const RowFormat& format, const RowView& rows, uint32_t count,
                                                const std::function<bool(LocalId)>& has, Executor* executor,
                                                size_t parallelism) {
  std::shared_ptr<Sq8Codes> codes(new Sq8Codes(format, TrainSq8(format, rows, count, has), count, count));
  const auto encode = [&](size_t task) {
    const auto begin = static_cast<uint32_t>(task * kRowsPerTask);
    codes->EncodeRows(rows, begin, std::min(count, begin + kRowsPerTask), has);
  };
  const size_t tasks = (count + kRowsPerTask - 1) / kRowsPerTask;
  if (executor != nullptr && parallelism > 1) {
    executor->ParallelFor(tasks, encode);
  } else {
    for (size_t task = 0; task < tasks; ++task) encode(task);
  }
  return codes;
}

std::shared_ptr<const Sq8Codes> Sq8Codes::BuildGrowing(const RowFormat& format, const RowView& rows, uint32_t count,
                                                       uint32_t capacity, const std::function<bool(LocalId)>& has) {
  std::shared_ptr<Sq8Codes> codes(new Sq8Codes(format, TrainSq8(format, rows, count, has), count, capacity));
  codes->EncodeRows(rows, 0, count, has);
  return codes;
}

std::shared_ptr<const Sq8Codes> Sq8Codes::Extend(const RowView& rows, uint32_t count,
                                                 const std::function<bool(LocalId)>& has) const {
  LINEAL_CHECK(count >= count_ && count * stride_ <= room_->codes.bytes());
  std::shared_ptr<Sq8Codes> codes(new Sq8Codes(*this, count));
  codes->EncodeRows(rows, count_, count, has);
  return codes;
}

absl::Status Sq8Codes::Save(ByteSink* sink) const {
  const std::string header = HeaderOf(format_, range_, count_, stride_);
  const std::string_view parts[] = {header,
                                    {reinterpret_cast<const char*>(codes_), count_ * stride_},
                                    {reinterpret_cast<const char*>(terms_), count_ * sizeof(int32_t)}};
  CheckedSink checked(sink);
  for (std::string_view part : parts) LINEAL_RETURN_IF_ERROR(checked.Append(part));
  return checked.Finish();
}

absl::StatusOr<std::shared_ptr<const Sq8Codes>> Sq8Codes::Load(std::string_view image, const RowFormat& format,
                                                               uint32_t rows) {
  if (image.size() < kHeaderBytes + 4) return DataLoss("codes file has ", image.size(), " bytes, less than a header");
  const Sq8Range range = RangeOf(image);
  if (!IsSane(range)) return DataLoss("codes file: a range of low ", range.low, " and step ", range.step);
  std::shared_ptr<Sq8Codes> codes(new Sq8Codes(format, range, rows, rows));
  if (image.substr(0, kHeaderBytes) != HeaderOf(format, range, rows, codes->stride_)) {
    return DataLoss("codes file is of another format");
  }
  const size_t code_bytes = rows * codes->stride_, term_bytes = rows * sizeof(int32_t);
  if (image.size() != kHeaderBytes + code_bytes + term_bytes + 4) {
    return DataLoss("codes file has ", image.size(), " bytes, ", rows, " rows want ",
                    kHeaderBytes + code_bytes + term_bytes + 4);
  }
  if (!ChecksumHolds(image)) return DataLoss("codes file: checksum differs");
  if (rows > 0) {
    std::memcpy(codes->codes_, image.data() + kHeaderBytes, code_bytes);
    std::memcpy(codes->terms_, image.data() + kHeaderBytes + code_bytes, term_bytes);
  }
  return codes;
}

}  // namespace lineal::index
