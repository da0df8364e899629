// Rows in the order of lists, of bytes from outside. Whatever they are, opening them says no or yes, and reading says
// no or gives what the checksums hold: nothing is read outside of what is there. The first bytes choose the places;
// with the last bit of the second one the file begins as a sound one does.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/check.h"
#include "base/string_sink.h"
#include "index/ivf/block_string.h"
#include "index/ivf/listed_rows.h"
#include "index/vectors/growing_rows.h"

namespace lineal::index {
namespace {

constexpr uint32_t kRows = 60;
constexpr RowFormat kFormat{ElementType::kF32, Distance::kL2, 70};

void Try(const uint8_t* data, size_t size) {
  if (size < 2) return;
  static const std::vector<LocalId> ids = [] {
    std::vector<LocalId> all;
    for (uint32_t i = 0; i < kRows; ++i) all.push_back(LocalId{i * 7 % kRows});
    return all;
  }();
  static const std::string sound = [] {
    GrowingRows rows(kFormat.row_bytes(), kRows);
    for (uint32_t i = 0; i < kRows; ++i) rows.Append(std::vector<std::byte>(kFormat.row_bytes(), std::byte(i)).data());
    StringSink sink;
    LINEAL_CHECK(ListedRows::Save(kFormat, rows.view(), ids, &sink).ok());
    return std::move(sink.bytes);
  }();
  std::string bytes(reinterpret_cast<const char*>(data + 2), size - 2);
  if ((data[1] & 1) != 0) {
    // Changes at places that the input names.
    std::string changed = sound;
    for (size_t i = 0; i + 3 <= bytes.size(); i += 3) {
      const size_t at = static_cast<uint8_t>(bytes[i]) * 256u + static_cast<uint8_t>(bytes[i + 1]);
      changed[at % changed.size()] = bytes[i + 2];
    }
    bytes = std::move(changed);
  }
  auto opened = ListedRows::Open(std::make_shared<BlockString>(bytes), kFormat, ids);
  if (!opened.ok()) return;
  std::vector<uint32_t> places;
  for (uint32_t place = data[0] % kRows; place < kRows; place += 1 + (data[1] >> 1) % kRows) places.push_back(place);
  uint32_t seen = 0;
  const absl::Status read = (*opened)->Read(
      places,
      [&](uint32_t place, const std::byte* rows, uint32_t count) {
        LINEAL_CHECK(place >= seen && place + count <= kRows);
        seen = place + count;
        const std::byte* written = reinterpret_cast<const std::byte*>(sound.data()) + kBlockBytes;
        LINEAL_CHECK(std::equal(rows, rows + count * kFormat.row_bytes(), written + place * kFormat.row_bytes()));
      },
      nullptr);
  LINEAL_CHECK(!read.ok() || seen > places.back());
}

}  // namespace
}  // namespace lineal::index

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  lineal::index::Try(data, size);
  return 0;
}
