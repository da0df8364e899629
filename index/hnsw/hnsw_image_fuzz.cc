// Strategy: the input is a list of edits (offset, byte) on a sound image of a small graph, after which the checksums
// are put right again, so that edits reach the checks behind them; an odd first byte takes the input as the image
// itself. Invariant: Load refuses, or a search on what it accepted stays within its bounds and returns rows that exist.
#include <cstdint>
#include <cstring>
#include <string>

#include "base/check.h"
#include "base/hash.h"
#include "index/hnsw/hnsw_image.h"
#include "index/hnsw/hnsw_test_data.h"

namespace lineal::index {
namespace {

constexpr uint32_t kRows = 200;

void RepairChecksums(std::string* image) {
  HnswImageHeader header;
  if (image->size() < sizeof header) return;
  std::memcpy(&header, image->data(), sizeof header);
  header.body_crc = Crc32c(std::string_view(*image).substr(sizeof header));
  header.header_crc = 0;
  header.header_crc = Crc32c({reinterpret_cast<const char*>(&header), sizeof header});
  std::memcpy(image->data(), &header, sizeof header);
}

void ApplyEdits(std::string_view edits, std::string* image) {
  for (; edits.size() >= 4; edits.remove_prefix(4)) {
    const uint32_t edit = LoadFixed<uint32_t>(edits.data());
    (*image)[(edit >> 8) % image->size()] = static_cast<char>(edit);
  }
}

}  // namespace
}  // namespace lineal::index

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lineal;
  using namespace lineal::index;
  static const TestRows rows({ElementType::kF32, Distance::kL2, 4}, kRows, 1);
  static const std::string sound = [] {
    auto index = HnswIndex::Create(rows.format(), {.m = 4, .ef_construct = 16}, rows.view(), kRows);
    LINEAL_CHECK(index->Insert(rows.Ids(0, kRows), {}).ok());
    index->Remove(LocalId{7});
    return SavedImage(*index, 9);
  }();
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  std::string image = data[0] % 2 == 0 ? sound : std::string(input);
  if (data[0] % 2 == 0) {
    ApplyEdits(input, &image);
    RepairChecksums(&image);
  }
  HnswStamp stamp;
  auto index = HnswIndex::Load(RegionOf(std::move(image)), rows.format(), rows.view(), &stamp, kRows);
  if (!index.ok()) return 0;
  for (uint32_t i = 0; i < 3; ++i) {
    for (const Neighbor& found : (*index)->Search(rows.QueryOf(i), {.top_k = 10, .ef_search = 32})) {
      LINEAL_CHECK(Raw(found.id) < kRows);
    }
  }
  return 0;
}
