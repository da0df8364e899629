// Strategy: the first byte chooses the bits and, by its lowest bit, whether the rest is a list of edits (offset, byte)
// on a sound image, after which the checksum is put right again, so that edits reach the checks behind it, or the image
// itself. Invariant: loading refuses, or each distance of what it accepted is a number, and rescoring by it returns
// rows that exist with the distances of those rows.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/checked_image.h"
#include "base/coding.h"
#include "base/random.h"
#include "base/string_sink.h"
#include "index/quantizers/code_query.h"
#include "index/quantizers/rescore.h"
#include "index/vectors/growing_rows.h"

namespace lineal::index {
namespace {

constexpr uint32_t kRows = 40;
constexpr RowFormat kFormat = {ElementType::kF32, Distance::kL2, 9};
constexpr uint32_t kBits[] = {2, 4, 8};

class Fixture {
 public:
  Fixture() : rows_(kFormat.row_bytes(), kRows) {
    Random random(1);
    std::vector<std::byte> row(kFormat.row_bytes());
    for (uint32_t i = 0; i < kRows; ++i) {
      float values[9];
      for (float& x : values) x = static_cast<float>(random.Gaussian());
      LINEAL_CHECK(EncodeRow(kFormat, values, row.data()).ok());
      rows_.Append(row.data());
    }
    for (const uint32_t bits : kBits) {
      const auto codes = BuildRowCodes(kFormat, view(), kRows, [](LocalId) { return true; }, {.bits = bits});
      StringSink sink;
      LINEAL_CHECK(codes->Save(&sink).ok());
      images_.push_back(std::move(sink.bytes));
    }
  }
  RowView view() const { return rows_.view(); }
  const std::string& image(size_t width) const { return images_[width]; }

 private:
  GrowingRows rows_;
  std::vector<std::string> images_;
};

void Edit(std::string_view edits, std::string* image) {
  for (; edits.size() >= 4; edits.remove_prefix(4)) {
    const uint32_t edit = LoadFixed<uint32_t>(edits.data());
    (*image)[(edit >> 8) % image->size()] = static_cast<char>(edit);
  }
  MendChecksum(image);
}

void Search(const RowCodes& codes, const RowView& rows, uint32_t from) {
  const Query query = Query::FromRow(kFormat, rows.at(LocalId{from}));
  ByKind(codes, query, [&](const auto& code_query) {
    std::vector<Neighbor> found;
    for (uint32_t id = 0; id < kRows; ++id) {
      found.push_back({code_query.DistanceTo(id), LocalId{id}});
      LINEAL_CHECK(std::isfinite(found.back().distance));
    }
    std::sort(found.begin(), found.end());
    for (const Neighbor& neighbor : Rescore(code_query, query, rows, found, 10)) {
      LINEAL_CHECK(Raw(neighbor.id) < kRows && neighbor.distance == query.DistanceTo(rows.at(neighbor.id)));
    }
  });
}

}  // namespace
}  // namespace lineal::index

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lineal;
  using namespace lineal::index;
  static const Fixture fixture;
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  std::string image = data[0] % 2 == 0 ? fixture.image(data[0] / 2 % 3) : std::string(input);
  if (data[0] % 2 == 0) Edit(input, &image);
  const auto codes = LoadRowCodes(image, kFormat, kRows);
  if (!codes.ok()) return 0;
  for (uint32_t i = 0; i < 3; ++i) Search(**codes, fixture.view(), i);
  return 0;
}
