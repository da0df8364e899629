// Packed codes: estimates without bias and within their bounds on rows of all kinds, images, edges.
#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>
#include <limits>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "base/hash.h"
#include "base/random.h"
#include "base/string_sink.h"
#include "gtest/gtest.h"
#include "index/quantizers/code_query.h"
#include "index/quantizers/grid_code.h"
#include "index/quantizers/rescore.h"
#include "index/vectors/growing_rows.h"

namespace lineal::index {
namespace {

constexpr uint32_t kRows = 400;

bool Everyone(LocalId) { return true; }

std::string Save(const PackedCodes& codes) {
  StringSink sink;
  EXPECT_TRUE(codes.Save(&sink).ok());
  return sink.bytes;
}

double Dot(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

// As EncodeRow stores them, in doubles: the oracle of distances.
struct Rows {
  Rows(const RowFormat& row_format, const std::vector<std::vector<float>>& vectors)
      : format(row_format), stored(row_format.row_bytes(), static_cast<uint32_t>(vectors.size())) {
    std::vector<std::byte> row(format.row_bytes());
    for (const std::vector<float>& vector : vectors) {
      EXPECT_TRUE(EncodeRow(format, vector, row.data()).ok());
      stored.Append(row.data());
      decoded.emplace_back(format.dim);
      DecodeRow(format, row.data(), decoded.back().data());
    }
  }
  std::shared_ptr<const PackedCodes> Encode(uint32_t bits, uint64_t seed = 1) const {
    return PackedCodes::Build(format, stored.view(), stored.size(), Everyone, {.bits = bits, .seed = seed});
  }
  double Exact(const Query& query, uint32_t id) const {
    const auto* values = reinterpret_cast<const float*>(query.prepared());
    double sum = 0;
    for (uint32_t i = 0; i < format.dim; ++i) {
      const double x = decoded[id][i], q = values[i];
      sum += format.distance == Distance::kL2 ? (x - q) * (x - q) : -x * q;
    }
    return sum;
  }

  const RowFormat format;
  GrowingRows stored;
  std::vector<std::vector<float>> decoded;
};

using Draw = std::function<std::vector<float>(uint32_t dim, Random* random)>;

std::vector<float> Normal(uint32_t dim, Random* random) {
  std::vector<float> values(dim);
  for (float& x : values) x = static_cast<float>(random->Gaussian()) + 0.7f;
  return values;
}
// A few far apart.
std::vector<float> Clustered(uint32_t dim, Random* random) {
  Random centre(random->Below(8) + 100);
  std::vector<float> values(dim);
  for (float& x : values) {
    x = static_cast<float>(5 * centre.Gaussian()) + static_cast<float>(0.3 * random->Gaussian());
  }
  return values;
}
// Leading components a hundred times the others, as a singular value decomposition leaves them.
std::vector<float> HeavyTailed(uint32_t dim, Random* random) {
  std::vector<float> values(dim);
  for (uint32_t i = 0; i < dim; ++i) {
    values[i] = static_cast<float>(random->Gaussian() * 100 / (1 + i) + 1e-3);
  }
  return values;
}
std::vector<float> Huge(uint32_t dim, Random* random) {
  std::vector<float> values = Normal(dim, random);
  for (float& x : values) x *= 1e15f;
  return values;
}
std::vector<float> Small(uint32_t dim, Random* random) {
  std::vector<float> values = Normal(dim, random);
  for (float& x : values) x *= 1e-15f;
  return values;
}
const std::map<std::string, Draw> kKinds = {
    {"Normal", Normal}, {"Clustered", Clustered}, {"HeavyTailed", HeavyTailed}, {"Huge", Huge}, {"Small", Small}};

using Case = std::tuple<std::string, uint32_t, Distance, uint32_t>;

class Packed : public testing::TestWithParam<Case> {
 protected:
  Packed() {
    const auto& [kind, bits, distance, dim] = GetParam();
    draw_ = kKinds.at(kind);
    bits_ = bits;
    format_ = {ElementType::kF32, distance, dim};
  }
  std::vector<std::vector<float>> DrawRows(uint32_t count) {
    std::vector<std::vector<float>> rows(count);
    for (auto& row : rows) row = draw_(format_.dim, &random_);
    return rows;
  }
  Query MakeQuery() {
    auto query = Query::Make(format_, draw_(format_.dim, &random_));
    EXPECT_TRUE(query.ok()) << query.status();
    return *std::move(query);
  }

  Draw draw_;
  uint32_t bits_ = 0;
  RowFormat format_;
  Random random_{21};
};

// Without bias is an estimate over all rotations, not over rows that lie alike.
TEST_P(Packed, EstimatesWithoutBiasWithinTheBound) {
  constexpr int kRotations = 40;
  const Rows rows(format_, DrawRows(25));
  const Query query = MakeQuery();
  double error = 0, allowed = 0;
  int below = 0, above = 0;
  for (int seed = 0; seed < kRotations; ++seed) {
    const auto codes = rows.Encode(bits_, static_cast<uint64_t>(seed));
    const PackedQuery by_codes(*codes, query);
    for (uint32_t id = 0; id < 25; ++id) {
      const double exact = rows.Exact(query, id), guess = by_codes.DistanceTo(id);
      const double room = guess - by_codes.LowerBound({by_codes.DistanceTo(id), LocalId{id}});
      ASSERT_GT(room, 0);
      error += guess - exact;
      allowed += room;
      below += exact < guess - room;
      above += exact > guess + room;
    }
  }
  // `allowed` is three deviations of each; a mean of forty rotations is off by a sixth of one.
  EXPECT_LT(std::abs(error), 0.15 * allowed) << error / allowed;
  EXPECT_LE(below, kRotations * 25 / 100);
  EXPECT_LE(above, kRotations * 25 / 100);
}

TEST_P(Packed, BoundsAreNoWiderThanErrors) {
  const Rows rows(format_, DrawRows(kRows));
  const auto codes = rows.Encode(bits_);
  double squares = 0, allowed = 0;
  for (int i = 0; i < 10; ++i) {
    const Query query = MakeQuery();
    const PackedQuery by_codes(*codes, query);
    for (uint32_t id = 0; id < kRows; ++id) {
      const double off = by_codes.DistanceTo(id) - rows.Exact(query, id);
      const double room = by_codes.DistanceTo(id) - by_codes.LowerBound({by_codes.DistanceTo(id), LocalId{id}});
      squares += off * off;
      allowed += room * room;
    }
  }
  EXPECT_LT(allowed, 3 * 3 * 2.5 * squares) << "three deviations, and no more than half of one for luck";
}

TEST_P(Packed, RescoresToTheExactAnswer) {
  const Rows rows(format_, DrawRows(kRows));
  const auto codes = rows.Encode(bits_);
  int wrong = 0;
  for (int i = 0; i < 20; ++i) {
    const Query query = MakeQuery();
    const PackedQuery by_codes(*codes, query);
    std::vector<Neighbor> found, exact;
    for (uint32_t id = 0; id < kRows; ++id) {
      found.push_back({by_codes.DistanceTo(id), LocalId{id}});
      exact.push_back({query.DistanceTo(rows.stored.view().at(LocalId{id})), LocalId{id}});
    }
    std::sort(found.begin(), found.end());
    std::sort(exact.begin(), exact.end());
    exact.resize(10);
    const std::vector<Neighbor> rescored = Rescore(by_codes, query, rows.stored.view(), found, 10);
    ASSERT_EQ(rescored.size(), exact.size());
    bool same = true;
    for (size_t n = 0; n < exact.size(); ++n) {
      EXPECT_EQ(rescored[n].distance, query.DistanceTo(rows.stored.view().at(rescored[n].id)));
      same &= rescored[n].id == exact[n].id;
    }
    wrong += !same;
  }
  EXPECT_LE(wrong, 1);
}

TEST_P(Packed, ComesBackFromItsImage) {
  const Rows rows(format_, DrawRows(kRows));
  const auto codes = rows.Encode(bits_);
  const auto loaded = LoadRowCodes(Save(*codes), format_, kRows);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  EXPECT_EQ((*loaded)->bits(), bits_);
  const Query query = MakeQuery();
  const PackedQuery before(*codes, query);
  const int differing = ByKind(**loaded, query, [&](const auto& after) {
    int count = 0;
    for (uint32_t id = 0; id < kRows; ++id) count += after.DistanceTo(id) != before.DistanceTo(id);
    return count;
  });
  EXPECT_EQ(differing, 0);
}

std::string CaseName(const testing::TestParamInfo<Case>& info) {
  constexpr const char* kDistances[] = {"L2", "Dot", "Cosine"};
  const auto& [kind, bits, distance, dim] = info.param;
  return kind + std::to_string(bits) + kDistances[static_cast<size_t>(distance)] + std::to_string(dim);
}

INSTANTIATE_TEST_SUITE_P(Rows, Packed,
                         testing::Combine(testing::Values("Normal", "Clustered", "HeavyTailed"),
                                          testing::Values(2u, 4u, 8u),
                                          testing::Values(Distance::kL2, Distance::kDot, Distance::kCosine),
                                          testing::Values(100u, 384u)),
                         CaseName);
INSTANTIATE_TEST_SUITE_P(Magnitudes, Packed,
                         testing::Combine(testing::Values("Huge", "Small"), testing::Values(2u, 4u),
                                          testing::Values(Distance::kL2), testing::Values(65u)),
                         CaseName);

TEST(PackedFormats, TakeHalves) {
  Random random(5);
  std::vector<std::vector<float>> vectors(50);
  for (auto& vector : vectors) vector = Normal(70, &random);
  const Rows rows({ElementType::kF16, Distance::kL2, 70}, vectors);
  const auto codes = rows.Encode(8);
  const Query query = *Query::Make(rows.format, Normal(70, &random));
  const PackedQuery by_codes(*codes, query);
  for (uint32_t id = 0; id < 50; ++id) EXPECT_NEAR(by_codes.DistanceTo(id), rows.Exact(query, id), 3);
}

// Each direction of few components has a best point, which is found by trying all.
TEST(GridPoint, IsNearlyTheBestDirection) {
  Random random(9);
  for (const uint32_t bits : {1u, 2u, 3u}) {
    const int levels = 1 << bits, points = levels * levels * levels;
    double lost = 0;
    for (int trial = 0; trial < 200; ++trial) {
      const std::vector<float> vector = Normal(3, &random);
      double best = 0;
      for (int point = 0; point < points; ++point) {
        const std::vector<float> at = {
            static_cast<float>(point % levels) - static_cast<float>(levels - 1) / 2,
            static_cast<float>(point / levels % levels) - static_cast<float>(levels - 1) / 2,
            static_cast<float>(point / levels / levels) - static_cast<float>(levels - 1) / 2};
        best = std::max(best, Dot(vector, at) / std::sqrt(Dot(at, at) * Dot(vector, vector)));
      }
      uint8_t codes[3];
      const GridFit fit = NearestGridPoint(vector.data(), 3, bits, codes);
      std::vector<float> at(3);
      for (int i = 0; i < 3; ++i) {
        ASSERT_LT(codes[i], levels);
        at[static_cast<size_t>(i)] = static_cast<float>(codes[i]) - static_cast<float>(levels - 1) / 2;
      }
      EXPECT_NEAR(fit.product, Dot(vector, at), 1e-4);
      EXPECT_NEAR(fit.square, Dot(at, at), 1e-4);
      lost += best - fit.product / std::sqrt(fit.square * Dot(vector, vector));
    }
    EXPECT_LT(lost / 200, 0.004) << bits;
  }
}

// What rounding each component to the best of equal steps loses of a normal distribution (Max, "Quantizing for minimum
// distortion", 1960): 0.1188 and 0.01154 of the square for 4 and 16 levels. A direction of its own loses no more.
TEST(GridPoint, LosesNoMoreThanTheBestUniformQuantizer) {
  Random random(10);
  for (const auto& [bits, distortion] : {std::pair{2u, 0.1188}, {4u, 0.01154}}) {
    double squares = 0;
    for (int trial = 0; trial < 100; ++trial) {
      std::vector<float> vector(512);
      for (float& x : vector) x = static_cast<float>(random.Gaussian());
      std::vector<uint8_t> codes(512);
      const GridFit fit = NearestGridPoint(vector.data(), 512, bits, codes.data());
      squares += 1 - fit.product * fit.product / (fit.square * Dot(vector, vector));
    }
    EXPECT_LT(squares / 100, distortion * 1.01) << bits;
  }
}

// Bounds are of each row: one that is ruled out says nothing of a row behind it that lies farther from the center.
TEST(PackedBounds, OfOneRowRuleOutNoOther) {
  const RowFormat format{ElementType::kF32, Distance::kL2, 32};
  std::vector<std::vector<float>> vectors;
  Random random(8);
  for (int i = 0; i < 200; ++i) vectors.emplace_back(32, static_cast<float>(random.Gaussian()) * 0.01f);
  std::vector<float> far(32);
  for (float& x : far) x = static_cast<float>(random.Gaussian()) * 50;
  vectors.push_back(far);
  const Rows rows(format, vectors);
  const auto codes = rows.Encode(2);
  const Query query = *Query::Make(format, far);
  const PackedQuery by_codes(*codes, query);
  const float near = static_cast<float>(rows.Exact(query, 0));
  std::vector<Neighbor> found;
  for (uint32_t id = 0; id < 4; ++id) found.push_back({near, LocalId{id}});
  found.push_back({near * 1.1f, LocalId{5}});
  found.push_back({near * 1.1f, LocalId{200}});
  ASSERT_GT(by_codes.LowerBound(found[4]), near * 1.05f);
  ASSERT_LT(by_codes.LowerBound(found[5]), near * 0.9f);
  const auto rescored = Rescore(by_codes, query, rows.stored.view(), found, 1);
  ASSERT_EQ(rescored.size(), 1u);
  EXPECT_EQ(Raw(rescored[0].id), 200u);
}

TEST(PackedEdges, TakeZeroAndEqualRowsAndNoneAtAll) {
  for (const uint32_t bits : {2u, 4u, 8u}) {
    for (const uint32_t dim : {1u, 2u, 16u}) {
      const RowFormat format{ElementType::kF32, Distance::kL2, dim};
      const std::vector<float> zero(dim, 0.0f), two(dim, 2.0f);
      const Query query = *Query::Make(format, two);
      const Rows same(format, {two, two, two});
      EXPECT_EQ(PackedQuery(*same.Encode(bits), query).DistanceTo(1), 0.0f);
      const Rows zeroes(format, {zero, zero});
      EXPECT_FLOAT_EQ(PackedQuery(*zeroes.Encode(bits), query).DistanceTo(1), 4.0f * static_cast<float>(dim));
      const Rows none(format, {});
      EXPECT_TRUE(PackedCodes::Load(Save(*none.Encode(bits)), format, 0).ok());
    }
  }
}

TEST(PackedEdges, LeaveRowsOutThatAreDenied) {
  const RowFormat format{ElementType::kF32, Distance::kL2, 8};
  const Rows rows(format, {std::vector<float>(8, 1), std::vector<float>(8, 1e30f)});
  const auto codes =
      PackedCodes::Build(format, rows.stored.view(), 2, [](LocalId id) { return Raw(id) == 0; }, {.bits = 4});
  EXPECT_EQ(PackedQuery(*codes, *Query::Make(format, std::vector<float>(8, 1))).DistanceTo(0), 0.0f);
}

TEST(PackedEdges, DistancesAreNumbersWhateverOverflows) {
  const RowFormat format{ElementType::kF32, Distance::kL2, 8};
  const Rows rows(format, {std::vector<float>(8, 3e38f), std::vector<float>(8, -3e38f), std::vector<float>(8, 1)});
  const auto codes = rows.Encode(4);
  for (const float value : {3e38f, -3e38f, 0.0f}) {
    const PackedQuery by_codes(*codes, *Query::Make(format, std::vector<float>(8, value)));
    for (uint32_t id = 0; id < 3; ++id) EXPECT_TRUE(std::isfinite(by_codes.DistanceTo(id))) << value;
  }
}

TEST(PackedEdges, AreEncodedAlikeOnOneThreadAndOnThree) {
  Random random(4);
  std::vector<std::vector<float>> vectors(3'000);
  for (auto& vector : vectors) vector = Normal(20, &random);
  const Rows rows({ElementType::kF32, Distance::kCosine, 20}, vectors);
  Executor executor("test", 2);
  const auto parallel = PackedCodes::Build(rows.format, rows.stored.view(), 3'000, Everyone,
                                           {.bits = 4, .executor = &executor, .parallelism = 3});
  EXPECT_EQ(Save(*rows.Encode(4)), Save(*parallel));
}

TEST(PackedEdges, RefuseDamage) {
  const RowFormat format{ElementType::kF32, Distance::kL2, 24};
  Random random(6);
  const Rows rows(format, {Normal(24, &random), Normal(24, &random)});
  for (const uint32_t bits : {2u, 4u, 8u}) {
    const std::string image = Save(*rows.Encode(bits));
    for (size_t at = 0; at < image.size(); ++at) {
      std::string damaged = image;
      damaged[at] = static_cast<char>(damaged[at] ^ 4);
      EXPECT_EQ(PackedCodes::Load(damaged, format, 2).status().code(), absl::StatusCode::kDataLoss) << at;
      EXPECT_FALSE(PackedCodes::Load(image.substr(0, at), format, 2).ok()) << at;
    }
    EXPECT_FALSE(PackedCodes::Load(image, format, 3).ok());
    EXPECT_FALSE(PackedCodes::Load(image, {ElementType::kF32, Distance::kDot, 24}, 2).ok());
  }
}

TEST(PackedEdges, RefuseWhatIsNoNumberEvenUnderASoundChecksum) {
  const RowFormat format{ElementType::kF32, Distance::kL2, 24};
  const Rows rows(format, {std::vector<float>(24, 1), std::vector<float>(24, 2)});
  const std::string image = Save(*rows.Encode(4));
  constexpr size_t kCenter = 64, kRowBytes = 32;
  const size_t rows_at = kCenter + 24 * sizeof(float);
  const auto refused = [&](size_t at, const auto& value) {
    std::string damaged = image;
    std::memcpy(damaged.data() + at, &value, sizeof value);
    const uint32_t crc = Crc32c(std::string_view(damaged).substr(0, damaged.size() - sizeof(uint32_t)));
    std::memcpy(damaged.data() + damaged.size() - sizeof crc, &crc, sizeof crc);
    return absl::IsDataLoss(PackedCodes::Load(damaged, format, 2).status());
  };
  EXPECT_FALSE(refused(kCenter, 0.5f)) << "the checksum is put right";
  for (const float bad : {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity()}) {
    EXPECT_TRUE(refused(kCenter + 4, bad));
    for (const size_t row : {size_t{0}, size_t{1}}) {
      EXPECT_TRUE(refused(rows_at + row * kRowBytes + 12, bad)) << "addend";
      EXPECT_TRUE(refused(rows_at + row * kRowBytes + 16, bad)) << "factor";
    }
    EXPECT_TRUE(refused(32, bad)) << "mean square error";
  }
  EXPECT_TRUE(refused(rows_at + 20, uint16_t{0x7f80})) << "error";
  EXPECT_TRUE(refused(32, 0.0f));
}

TEST(PackedEdges, TakeTheBytesThatAreSaid) {
  EXPECT_EQ(PackedCodes::StrideOf(100, 4), 64u) << "50 of codes, 10 of terms";
  EXPECT_EQ(PackedCodes::StrideOf(512, 4), 272u);
  EXPECT_EQ(PackedCodes::StrideOf(512, 2), 144u);
  EXPECT_TRUE(CodesPay({ElementType::kF32, Distance::kL2, 16}, 4));
  EXPECT_FALSE(CodesPay({ElementType::kF32, Distance::kL2, 4}, 4)) << "16 bytes stand for 16";
}

TEST(PackedAlike, OrdersCentroidsAsTheirDistancesDo) {
  Random random(7);
  for (const Distance distance : {Distance::kL2, Distance::kCosine}) {
    std::vector<std::vector<float>> vectors(500);
    for (auto& vector : vectors) vector = Normal(64, &random);
    const Rows rows({ElementType::kF32, distance, 64}, vectors);
    const auto codes = rows.Encode(4);
    constexpr uint32_t kCentroids = 30;
    std::vector<float> centroids;
    for (uint32_t i = 0; i < kCentroids * 64; ++i) centroids.push_back(static_cast<float>(random.Gaussian()));
    const auto alike = codes->EncodeAlike(centroids.data(), kCentroids);
    const Query query = *Query::Make(rows.format, Normal(64, &random));
    const PackedQuery by_codes(*codes, query);
    float found[kCentroids];
    by_codes.DistanceToAll(*alike, found);
    const auto* values = reinterpret_cast<const float*>(query.prepared());
    std::vector<double> exact(kCentroids);
    for (uint32_t c = 0; c < kCentroids; ++c) {
      for (uint32_t i = 0; i < 64; ++i) {
        const double off = static_cast<double>(centroids[c * 64 + i]) - values[i];
        exact[c] += off * off;
      }
    }
    for (uint32_t c = 1; c < kCentroids; ++c) {
      EXPECT_NEAR(found[c] - found[0], exact[c] - exact[0], 0.03 * exact[0]);
    }
  }
}

}  // namespace
}  // namespace lineal::index
