#include "engine/filter/row_list.h"

#include <gtest/gtest.h>

#include <vector>

#include "base/random.h"

namespace lineal::engine {
namespace {

std::string Bytes(const std::vector<uint32_t>& rows, uint32_t limit) {
  std::string bytes;
  AppendRowList(&bytes, rows, limit);
  return bytes;
}
std::string Words(std::initializer_list<uint32_t> words) {
  std::string bytes;
  for (uint32_t word : words) PutFixed(&bytes, word);
  return bytes;
}

TEST(RowGatherer, HoldsWhatWasAddedInAnyOrder) {
  Random random(2);
  for (uint32_t limit : {1u, 63u, 64u, 65u, 65'536u, 65'537u, 300'000u}) {
    for (uint32_t one_in : {1u, 3u, 40u, 30'000u}) {
      std::vector<uint32_t> rows;
      for (uint32_t row = 0; row < limit; ++row) {
        // Some containers stay empty.
        if (row / 65'536 != 2 && random.OneIn(one_in)) rows.push_back(row);
      }
      RowGatherer gatherer(limit);
      for (size_t i = rows.size(); i-- > 0;) gatherer.Add(rows[i]), gatherer.Add(rows[i]);
      const RowSet set = gatherer.Take();
      EXPECT_TRUE(set == RowSet(rows.size(), rows.data())) << limit << " one in " << one_in;
      std::vector<uint32_t> back(set.cardinality());
      set.toUint32Array(back.data());
      EXPECT_EQ(back, rows);
    }
  }
  EXPECT_TRUE(RowGatherer(0).Take().isEmpty());
}

TEST(RowList, ReadsBackSparseRunsAndDense) {
  Random random(1);
  for (uint32_t limit : {1u, 31u, 32u, 33u, 1'000u, 70'000u}) {
    for (uint32_t one_in : {1u, 2u, 10u, 500u}) {
      std::vector<uint32_t> rows;
      for (uint32_t row = 0; row < limit; ++row) {
        if (one_in == 10 ? row / 100 % 2 == 0 : random.OneIn(one_in)) rows.push_back(row);
      }
      std::string bytes = Bytes(rows, limit);
      auto list = RowList::Parse(bytes, limit);
      ASSERT_TRUE(list);
      EXPECT_EQ(list->count(), rows.size());
      EXPECT_TRUE(list->ToSet() == RowSet(rows.size(), rows.data()));
      std::vector<uint32_t> visited;
      list->ForEach([&](uint32_t row) { visited.push_back(row); });
      EXPECT_EQ(visited, rows);
      EXPECT_LE(bytes.size(), 4 + std::min<size_t>(rows.size() * 4, (limit + 31) / 32 * 4));
    }
  }
}

TEST(RowList, ReadsNothingOfAnEmptySetOrAnEmptySegment) {
  EXPECT_EQ(RowList::Parse(Bytes({}, 0), 0)->count(), 0u);
  EXPECT_TRUE(RowList::Parse(Bytes({}, 10), 10)->ToSet().isEmpty());
}

TEST(RowList, RefusesWhatIsNoSetBelowTheLimit) {
  for (const std::string& bytes :
       {std::string(), Words({3, 1}), Words({0, 5, 5}), Words({0, 5, 4}), Words({0, 10}), Words({1, 2}),
        Words({1, 5, 4}), Words({1, 2, 10}), Words({1, 1, 3, 4, 5}), Words({1, 1, 5, 3, 7}), Words({2}),
        Words({2, 1, 1}), Words({2, 1u << 10}), Words({0, 1}) + "x"}) {
    EXPECT_FALSE(RowList::Parse(bytes, 10)) << bytes.size();
  }
  EXPECT_TRUE(RowList::Parse(Words({2, 1u << 9}), 10));
}

}  // namespace
}  // namespace lineal::engine
