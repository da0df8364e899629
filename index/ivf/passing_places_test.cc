#include "index/ivf/passing_places.h"

#include <set>

#include "gtest/gtest.h"
#include "index/flat/flat_search.h"
#include "index/ivf/ivf_test_data.h"

namespace lineal::index {
namespace {

TEST(PassingPlaces, HaveABitForEachPlaceAndACountForEachList) {
  std::vector<LocalId> ids;
  for (uint32_t i = 0; i < 1'000; ++i) ids.push_back(LocalId{(i * 7) % 1'000});
  const std::vector<uint32_t> begins = {0, 0, 65, 300, 1'000};
  const auto passes = [](LocalId id) { return Raw(id) % 3 == 0; };
  const PassingPlaces places(ids, begins, passes);
  for (uint32_t place = 0; place < ids.size(); ++place) {
    const uint32_t mask = places.MaskAt(place);
    for (uint32_t i = 0; i < 32; ++i) {
      const bool wanted = place + i < ids.size() && passes(ids[place + i]);
      ASSERT_EQ(mask >> i & 1, wanted) << place << ' ' << i;
    }
  }
  for (uint32_t list = 0; list + 1 < begins.size(); ++list) {
    const auto count = std::count_if(ids.begin() + begins[list], ids.begin() + begins[list + 1], passes);
    EXPECT_EQ(places.CountOf(list), count) << list;
  }
}

}  // namespace
}  // namespace lineal::index
