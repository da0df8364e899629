// Strategy: the input is a list of edits (offset, byte) on the directory of a sound image, whose checksum is put right
// again; an odd first byte takes the input as the image itself.
// Invariant: Load refuses, or a search on what it accepted returns rows that exist.
#include "base/checked_image.h"
#include "base/coding.h"
#include "engine/segment/tenant_test_data.h"

namespace lineal::engine {
namespace {

constexpr size_t kFrontBytes = sizeof(uint32_t) + sizeof(uint64_t);

std::string Edited(std::string_view edits, const std::string& image) {
  std::string directory = image.substr(0, kFrontBytes + LoadFixed<uint64_t>(image.data() + 4) + kChecksumBytes);
  const std::string lists = image.substr(directory.size());
  for (; edits.size() >= 2; edits.remove_prefix(2)) {
    directory[static_cast<uint8_t>(edits[0]) % directory.size()] = edits[1];
  }
  MendChecksum(&directory);
  return directory + lists;
}

}  // namespace
}  // namespace lineal::engine

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace lineal;
  using namespace lineal::engine;
  using Data = TenantTestData;
  static const Data fixture;
  static const std::string sound = fixture.Image();
  if (size == 0) return 0;
  const std::string_view input(reinterpret_cast<const char*>(data + 1), size - 1);
  const std::string image = data[0] % 2 == 0 ? Edited(input, sound) : std::string(input);
  const auto loaded = TenantLists::Load(image, fixture.fields(), Data::kFormat, fixture.view(), Data::kRows);
  if (!loaded.ok() || *loaded == nullptr) return 0;
  for (const char* term : {"first", "second"}) {
    const std::vector<MustHold> conditions = {Data::Is(term)};
    const index::IvfIndex* lists = (*loaded)->Find(conditions);
    if (lists == nullptr) continue;
    const index::Query query = index::Query::FromRow(Data::kFormat, fixture.view().at(LocalId{3}));
    for (const index::Neighbor& found : lists->Search(query, {.top_k = 10, .ef_search = 32})) {
      LINEAL_CHECK(Raw(found.id) < Data::kRows);
    }
  }
  return 0;
}
