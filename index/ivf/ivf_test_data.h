// What the tests of lists share: rows and queries around random centres, the same every time.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "gtest/gtest.h"
#include "index/vectors/growing_rows.h"
#include "index/vectors/query.h"

namespace lineal::index {

class ClusteredRows {
 protected:
  static constexpr uint32_t kRows = 6'000;

  ClusteredRows(const RowFormat& format, size_t queries) : format_(format) {
    std::vector<std::vector<float>> centres;
    for (int i = 0; i < 40; ++i) centres.push_back(Draw({}, 0.5f));
    std::vector<std::byte> row(format_.row_bytes());
    for (uint32_t i = 0; i < kRows; ++i) {
      EXPECT_TRUE(EncodeRow(format_, Draw(centres[random_.Below(centres.size())], 1), row.data()).ok());
      rows_.Append(row.data());
    }
    for (size_t i = 0; i < queries; ++i) {
      queries_.push_back(*Query::Make(format_, Draw(centres[random_.Below(centres.size())], 1)));
    }
  }

  const RowFormat format_;
  GrowingRows rows_{format_.row_bytes(), kRows};
  Random random_{21};
  std::vector<Query> queries_;

 private:
  std::vector<float> Draw(const std::vector<float>& around, float deviation) {
    std::vector<float> values = around.empty() ? std::vector<float>(format_.dim, 0.1f) : around;
    for (float& x : values) x += deviation * static_cast<float>(random_.Gaussian());
    return values;
  }
};

}  // namespace lineal::index
