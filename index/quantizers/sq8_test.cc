#include <algorithm>
#include <cmath>
#include <cstring>

#include "base/random.h"
#include "base/string_sink.h"
#include "gtest/gtest.h"
#include "index/quantizers/rescore.h"
#include "index/quantizers/sq8_query.h"
#include "index/vectors/growing_rows.h"

namespace lineal::index {
namespace {

constexpr uint32_t kRows = 500;

bool Everyone(LocalId) { return true; }

std::string Save(const Sq8Codes& codes) {
  StringSink sink;
  EXPECT_TRUE(codes.Save(&sink).ok());
  return sink.bytes;
}

struct Case {
  const char* name;
  ElementType type;
  Distance distance;
  uint32_t dim;
};

class Sq8 : public testing::TestWithParam<Case> {
 protected:
  Sq8() {
    for (uint32_t i = 0; i < kRows; ++i) {
      std::vector<std::byte> row(format_.row_bytes());
      EXPECT_TRUE(EncodeRow(format_, Draw(), row.data()).ok());
      rows_.Append(row.data());
    }
    codes_ = Sq8Codes::Build(format_, rows_.view(), kRows, Everyone);
  }
  // Skewed, so that zero is not in the middle of the range.
  std::vector<float> Draw() {
    std::vector<float> values(format_.dim);
    for (float& x : values) x = static_cast<float>(random_.Gaussian()) + 0.7f;
    return values;
  }
  Query MakeQuery() {
    auto query = Query::Make(format_, Draw());
    EXPECT_TRUE(query.ok()) << query.status();
    return *std::move(query);
  }

  // A length of 1 under cosine, of some sqrt(1.5 dim) otherwise.
  double Scale() const { return format_.distance == Distance::kCosine ? 1.0 : 1.5 * format_.dim; }

  const RowFormat format_{GetParam().type, GetParam().distance, GetParam().dim};
  GrowingRows rows_{format_.row_bytes(), kRows};
  Random random_{11};
  std::shared_ptr<const Sq8Codes> codes_;
};

TEST_P(Sq8, ComesCloseToExactDistances) {
  for (int i = 0; i < 20; ++i) {
    const Query query = MakeQuery();
    const Sq8Query by_codes(*codes_, query);
    for (uint32_t id = 0; id < kRows; ++id) {
      EXPECT_NEAR(by_codes.DistanceTo(id), query.DistanceTo(rows_.view().at(LocalId{id})),
                  0.02 * Scale() + 4 * std::sqrt(Scale()) * codes_->range().step)
          << id;
    }
  }
}

TEST_P(Sq8, BoundsExactDistancesFromBelow) {
  int below = 0;
  for (int i = 0; i < 20; ++i) {
    const Query query = MakeQuery();
    const Sq8Query by_codes(*codes_, query);
    for (uint32_t id = 0; id < kRows; ++id) {
      const float exact = query.DistanceTo(rows_.view().at(LocalId{id}));
      below += exact < by_codes.LowerBound(by_codes.DistanceTo(id));
    }
  }
  // Three standard deviations, on one side.
  EXPECT_LT(below, 20 * kRows / 250);
}

TEST_P(Sq8, ComputesFourRowsAsItDoesOne) {
  const Query query = MakeQuery();
  const Sq8Query by_codes(*codes_, query);
  const uint32_t ids[] = {7, 0, 499, 7};
  const std::byte* rows[4];
  for (int i = 0; i < 4; ++i) rows[i] = codes_->at(ids[i]);
  for (size_t count = 1; count <= 4; ++count) {
    float out[4];
    by_codes.DistanceToSome(ids, rows, count, out);
    for (size_t i = 0; i < count; ++i) EXPECT_EQ(out[i], by_codes.DistanceTo(ids[i]));
  }
}

TEST_P(Sq8, TakesARowForItsOwnQuery) {
  if (format_.distance == Distance::kDot) return;
  Sq8Query from_row(*codes_);
  for (uint32_t id = 0; id < kRows; id += 50) {
    from_row.SetRow(id);
    EXPECT_EQ(from_row.DistanceTo(id), format_.distance == Distance::kCosine ? -1.0f : 0.0f);
    const Sq8Query from_values(*codes_, Query::FromRow(format_, rows_.view().at(LocalId{id})));
    for (uint32_t other = 0; other < kRows; ++other) {
      EXPECT_EQ(from_row.DistanceTo(other), from_values.DistanceTo(other)) << id << " to " << other;
    }
  }
}

TEST_P(Sq8, RescoresToTheExactAnswer) {
  int wrong = 0;
  for (int i = 0; i < 20; ++i) {
    const Query query = MakeQuery();
    const Sq8Query by_codes(*codes_, query);
    std::vector<Neighbor> found, exact;
    for (uint32_t id = 0; id < kRows; ++id) {
      found.push_back({by_codes.DistanceTo(id), LocalId{id}});
      exact.push_back({query.DistanceTo(rows_.view().at(LocalId{id})), LocalId{id}});
    }
    std::sort(found.begin(), found.end());
    std::sort(exact.begin(), exact.end());
    exact.resize(10);
    const std::vector<Neighbor> rescored = Rescore(by_codes, query, rows_.view(), found, 10);
    ASSERT_EQ(rescored.size(), exact.size());
    bool same = true;
    for (size_t n = 0; n < exact.size(); ++n) {
      EXPECT_FLOAT_EQ(rescored[n].distance, query.DistanceTo(rows_.view().at(rescored[n].id)));
      same &= rescored[n].id == exact[n].id;
    }
    wrong += !same;
  }
  EXPECT_LE(wrong, 1);
}

TEST_P(Sq8, ComesBackFromItsImage) {
  const std::string image = Save(*codes_);
  auto loaded = Sq8Codes::Load(image, format_, kRows);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ((*loaded)->range(), codes_->range());
  const Query query = MakeQuery();
  const Sq8Query before(*codes_, query), after(**loaded, query);
  for (uint32_t id = 0; id < kRows; ++id) EXPECT_EQ(after.DistanceTo(id), before.DistanceTo(id));
}

TEST_P(Sq8, GrowsWithItsRows) {
  const auto odd = [](LocalId id) { return Raw(id) % 2 == 1; };
  const auto first = Sq8Codes::BuildGrowing(format_, rows_.view(), 200, kRows, odd);
  const auto second = first->Extend(rows_.view(), 300, odd);
  const auto third = second->Extend(rows_.view(), kRows, odd);
  EXPECT_EQ(first->rows(), 200u);
  EXPECT_EQ(second->rows(), 300u);
  ASSERT_EQ(third->rows(), kRows);
  EXPECT_LT(first->memory_bytes(), third->memory_bytes());
  EXPECT_EQ(third->range(), first->range());
  std::vector<float> values(format_.dim);
  for (uint32_t id = 1; id < kRows; id += 2) {
    DecodeRow(format_, rows_.view().at(LocalId{id}), values.data());
    const auto alike = first->EncodeAlike(values.data(), 1);
    EXPECT_EQ(0, std::memcmp(third->at(id), alike->at(0), alike->stride())) << id;
    EXPECT_EQ(third->terms()[id], alike->terms()[0]) << id;
  }
}

INSTANTIATE_TEST_SUITE_P(Formats, Sq8,
                         testing::Values(Case{"f32_l2_100", ElementType::kF32, Distance::kL2, 100},
                                         Case{"f32_l2_128", ElementType::kF32, Distance::kL2, 128},
                                         Case{"f32_cosine_384", ElementType::kF32, Distance::kCosine, 384},
                                         Case{"f32_dot_65", ElementType::kF32, Distance::kDot, 65},
                                         Case{"f16_cosine_768", ElementType::kF16, Distance::kCosine, 768},
                                         Case{"f32_l2_3", ElementType::kF32, Distance::kL2, 3}),
                         [](const auto& info) { return info.param.name; });

class Sq8Edges : public testing::Test {
 protected:
  static std::shared_ptr<const Sq8Codes> Encode(const RowFormat& format, const std::vector<std::vector<float>>& rows) {
    GrowingRows stored(format.row_bytes(), static_cast<uint32_t>(rows.size()));
    for (const std::vector<float>& row : rows) stored.Append(reinterpret_cast<const std::byte*>(row.data()));
    return Sq8Codes::Build(format, stored.view(), static_cast<uint32_t>(rows.size()), Everyone);
  }
};

TEST_F(Sq8Edges, TakesEqualComponentsAndNoRowsAtAll) {
  const RowFormat format{ElementType::kF32, Distance::kL2, 4};
  const auto same = Encode(format, {{2, 2, 2, 2}, {2, 2, 2, 2}});
  const auto query = Query::Make(format, std::vector<float>{2, 2, 2, 2});
  EXPECT_EQ(Sq8Query(*same, *query).DistanceTo(1), 0.0f);
  const auto none = Encode(format, {});
  EXPECT_EQ(none->rows(), 0u);
  EXPECT_TRUE(Sq8Codes::Load(Save(*none), format, 0).ok());
}

TEST_F(Sq8Edges, CutsOffWhatIsFarOutside) {
  const RowFormat format{ElementType::kF32, Distance::kL2, 64};
  Random random(3);
  std::vector<std::vector<float>> rows(2'000, std::vector<float>(64));
  for (auto& row : rows) {
    for (float& x : row) x = static_cast<float>(random.Gaussian());
  }
  rows[5][5] = 1e6f;
  const Sq8Range range = Encode(format, rows)->range();
  EXPECT_LT(range.step * 255, 1e5f) << "one component must not take the precision of all others";
}

TEST_F(Sq8Edges, GivesNumbersWhateverOverflows) {
  for (const Distance distance : {Distance::kL2, Distance::kDot}) {
    const RowFormat format{ElementType::kF32, distance, 4};
    const auto codes = Encode(format, {std::vector<float>(4, 1e30f), std::vector<float>(4, -1e30f)});
    const auto query = Query::Make(format, std::vector<float>(4, 1e30f));
    const Sq8Query by_codes(*codes, *query);
    for (uint32_t id = 0; id < 2; ++id) EXPECT_TRUE(std::isfinite(by_codes.DistanceTo(id))) << id;
  }
}

TEST_F(Sq8Edges, RefusesDamage) {
  const RowFormat format{ElementType::kF32, Distance::kL2, 64};
  const auto codes = Encode(format, {std::vector<float>(64, 1), std::vector<float>(64, 2)});
  const std::string image = Save(*codes);
  for (size_t at = 0; at < image.size(); ++at) {
    std::string damaged = image;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    EXPECT_EQ(Sq8Codes::Load(damaged, format, 2).status().code(), absl::StatusCode::kDataLoss) << at;
    EXPECT_FALSE(Sq8Codes::Load(image.substr(0, at), format, 2).ok()) << at;
  }
  EXPECT_FALSE(Sq8Codes::Load(image, format, 3).ok());
  EXPECT_FALSE(Sq8Codes::Load(image, {ElementType::kF32, Distance::kDot, 64}, 2).ok());
}

TEST_F(Sq8Edges, LeavesOutWhatItCannotDo) {
  EXPECT_FALSE(CanQuantize({ElementType::kU8, Distance::kL2, 64}));
  EXPECT_FALSE(CanQuantize({ElementType::kF32, Distance::kL1, 64}));
  EXPECT_FALSE(CanQuantize({ElementType::kF32, Distance::kL2, kCodeDimMax + 1}));
  EXPECT_TRUE(CanQuantize({ElementType::kF16, Distance::kDot, kCodeDimMax}));
}

TEST_F(Sq8Edges, PayWhereTheyAreSmaller) {
  EXPECT_TRUE(CodesPay({ElementType::kF32, Distance::kL2, 128}));
  EXPECT_TRUE(CodesPay({ElementType::kF16, Distance::kCosine, 100}));
  EXPECT_FALSE(CodesPay({ElementType::kF32, Distance::kL2, 8})) << "a row is half a cache line, codes a whole one";
  EXPECT_FALSE(CodesPay({ElementType::kU8, Distance::kL2, 512}));
}

}  // namespace
}  // namespace lineal::index
