#include "index/vectors/query.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <vector>

#include "base/check.h"
#include "base/status.h"

namespace lineal::index {
namespace {

constexpr size_t kAlignment = 64;
// Longer rows are read one after the other. Four together are four streams, which the processor's prefetcher takes for
// none: from memory they gave 10 GB/s, one stream 29 (rows of 512 bytes to 1.5 KB); from the caches both do the same.
constexpr size_t kFourTogetherTo = 256;

bool IsHalf(ElementType type) { return type == ElementType::kF16 || type == ElementType::kBF16; }

// The format in which a query's components are kept: floats for every format but bytes.
RowFormat QueryFormat(const RowFormat& format) {
  RowFormat kept = format;
  if (IsHalf(kept.type)) kept.type = ElementType::kF32;
  return kept;
}

}  // namespace

struct Query::Rep {
  explicit Rep(const RowFormat& f) : format(f), distance(RowDistance::FromQuery(f)) {
    const size_t bytes = std::max<size_t>(QueryFormat(f).row_bytes(), 1);
    prepared =
        static_cast<std::byte*>(std::aligned_alloc(kAlignment, (bytes + kAlignment - 1) / kAlignment * kAlignment));
    LINEAL_CHECK(prepared != nullptr);
  }
  ~Rep() { std::free(prepared); }
  Rep(const Rep&) = delete;
  Rep& operator=(const Rep&) = delete;

  const RowFormat format;
  const RowDistance distance;
  std::byte* prepared;
};

Query::Query(std::unique_ptr<Rep> rep) : rep_(std::move(rep)) {}
Query::Query(Query&&) noexcept = default;
Query& Query::operator=(Query&&) noexcept = default;
Query::~Query() = default;

absl::StatusOr<Query> Query::Make(const RowFormat& format, std::span<const float> values) {
  auto rep = std::make_unique<Rep>(format);
  if (IsHalf(format.type)) {
    // Only for its errors: the query itself keeps full precision.
    std::vector<std::byte> row(format.row_bytes());
    LINEAL_RETURN_IF_ERROR(EncodeRow(format, values, row.data()));
  }
  LINEAL_RETURN_IF_ERROR(EncodeRow(QueryFormat(format), values, rep->prepared));
  return Query(std::move(rep));
}

Query Query::FromRow(const RowFormat& format, const std::byte* row) {
  auto rep = std::make_unique<Rep>(format);
  if (IsHalf(format.type)) {
    DecodeRow(format, row, reinterpret_cast<float*>(rep->prepared));
  } else {
    std::memcpy(rep->prepared, row, format.row_bytes());
  }
  return Query(std::move(rep));
}

const RowFormat& Query::format() const { return rep_->format; }
const RowDistance& Query::distance() const { return rep_->distance; }
const std::byte* Query::prepared() const { return rep_->prepared; }

float Query::DistanceTo(const std::byte* row) const { return rep_->distance.One(rep_->prepared, row); }

void Query::DistanceToMany(const std::byte* const* rows, size_t count, float* out) const {
  rep_->distance.Many(rep_->prepared, rows, count, out);
}

void Query::DistanceToRun(const std::byte* base, size_t count, float* out) const {
  const size_t stride = rep_->format.row_bytes();
  size_t i = 0;
  for (; stride <= kFourTogetherTo && i + 4 <= count; i += 4, base += 4 * stride) {
    const std::byte* rows[4] = {base, base + stride, base + 2 * stride, base + 3 * stride};
    rep_->distance.Four(rep_->prepared, rows, out + i);
  }
  for (; i < count; ++i, base += stride) out[i] = DistanceTo(base);
}

float DistanceBetween(const RowFormat& format, const std::byte* a, const std::byte* b) {
  return RowDistance::BetweenRows(format).One(a, b);
}

}  // namespace lineal::index
