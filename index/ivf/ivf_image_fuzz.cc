// Strategy: the input is a list of edits (offset, byte) on a sound image of a small index, after which the checksum is
// put right again, so that edits reach the checks behind it; an odd first byte takes the input as the image itself.
// Invariant: Load refuses, or a search on what it accepted returns rows that exist.
#include <cstdint>
#include <string>

#include "base/check.h"
#include "base/checked_image.h"
#include "base/coding.h"
#include "base/random.h"
#include "base/string_sink.h"
#include "index/ivf/ivf_index.h"
#include "index/vectors/growing_rows.h"

namespace lineal::index {
namespace {

constexpr uint32_t kRows = 100;
constexpr RowFormat kFormat = {ElementType::kF32, Distance::kL2, 5};

class Fixture {
 public:
  Fixture() : rows_(kFormat.row_bytes(), kRows) {
    Random random(1);
    std::vector<std::byte> row(kFormat.row_bytes());
    for (uint32_t i = 0; i < kRows; ++i) {
      float values[5];
      for (float& x : values) x = static_cast<float>(random.Gaussian());
      LINEAL_CHECK(EncodeRow(kFormat, values, row.data()).ok());
      rows_.Append(row.data());
    }
    const auto index = IvfIndex::Build(kFormat, {.lists = 4}, view(), kRows, [](LocalId) { return true; }, {});
    StringSink sink;
    LINEAL_CHECK(index.ok() && (*index)->Save(&sink).ok());
    image_ = std::move(sink.bytes);
  }
  RowView view() const { return rows_.view(); }
  const std::string& image() const { return image_; }

 private:
  GrowingRows rows_;
  std::string image_;
};

void Edit(std::string_view edits, std::string* image) {
  for (; edits.size() >= 4; edits.remove_prefix(4)) {
    const uint32_t edit = LoadFixed<uint32_t>(edits.data());
    (*image)[(edit >> 8) % image->size()] = static_cast<char>(edit);
  }
  MendChecksum(image);
}

}  // namespace
}  // namespace lineal::index

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lineal;
  using namespace lineal::index;
  static const Fixture fixture;
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  std::string image = data[0] % 2 == 0 ? fixture.image() : std::string(input);
  if (data[0] % 2 == 0) Edit(input, &image);
  const auto index = IvfIndex::Load(image, kFormat, fixture.view(), kRows);
  if (!index.ok()) return 0;
  for (uint32_t i = 0; i < 3; ++i) {
    const Query query = Query::FromRow(kFormat, fixture.view().at(LocalId{i}));
    for (const Neighbor& found : (*index)->Search(query, {.top_k = 10, .ef_search = 32})) {
      LINEAL_CHECK(Raw(found.id) < kRows);
    }
  }
  return 0;
}
