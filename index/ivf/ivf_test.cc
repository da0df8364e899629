#include <algorithm>
#include <atomic>
#include <set>

#include <gtest/gtest.h>

#include "base/clock.h"
#include "base/random.h"
#include "base/string_sink.h"
#include "index/flat/flat_search.h"
#include "index/ivf/ivf_index.h"
#include "index/ivf/ivf_test_data.h"
#include "index/ivf/kmeans.h"
#include "index/ivf/list_choice.h"
#include "index/ivf/passing_places.h"
#include "index/quantizers/row_codes.h"
#include "index/vectors/growing_rows.h"

namespace lineal::index {
namespace {

bool Always(LocalId) { return true; }

// By distance, element type, and the bits of codes; 0: none.
class Ivf : public testing::TestWithParam<std::tuple<Distance, ElementType, uint32_t>>, protected ClusteredRows {
 protected:
  Ivf() : ClusteredRows({std::get<1>(GetParam()), std::get<0>(GetParam()), 50}, 100) {
    if (bits() != 0) codes_ = BuildRowCodes(format_, rows_.view(), kRows, Always, {.bits = bits()});
  }
  static uint32_t bits() { return std::get<2>(GetParam()); }
  std::unique_ptr<IvfIndex> Build(const std::function<bool(LocalId)>& has, IvfBuildOptions options = {}) {
    auto index = IvfIndex::Build(format_, {}, rows_.view(), kRows, has, options);
    EXPECT_TRUE(index.ok());
    (*index)->AttachCodes(codes_);
    return *std::move(index);
  }
  double RecallOf(const IvfIndex& index, const SearchParams& params) {
    size_t hits = 0, wanted = 0;
    for (const Query& query : queries_) {
      const auto exact = ScanRange(query, rows_.view(), LocalId{0}, LocalId{kRows}, params);
      const auto found = index.Search(query, params);
      EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
      wanted += exact.size();
      for (const Neighbor& neighbor : found) {
        EXPECT_FLOAT_EQ(neighbor.distance, query.DistanceTo(rows_.view().at(neighbor.id)));
        hits += std::find_if(exact.begin(), exact.end(), [&](const Neighbor& n) { return n.id == neighbor.id; }) !=
                exact.end();
      }
    }
    return static_cast<double>(hits) / static_cast<double>(wanted);
  }

  std::shared_ptr<const RowCodes> codes_ = nullptr;
};

class EvenOnly final : public Acceptor {
 public:
  bool Accepts(LocalId id) const override { return Raw(id) % 2 == 0; }
};

TEST_P(Ivf, FindsMoreWithMoreListsAndNearlyAllWithAll) {
  const auto index = Build(Always);
  EXPECT_EQ(index->size(), kRows);
  EXPECT_EQ(index->lists(), kRows / IvfParams::kRowsPerList);
  const double few = RecallOf(*index, {.top_k = 1, .ef_search = 1});
  const double some = RecallOf(*index, {.top_k = 10, .ef_search = 64});
  const double all = RecallOf(*index, {.top_k = 10, .ef_search = 2'000});
  EXPECT_GT(few, 0.2);
  EXPECT_GT(some, few);
  // What two bits say of more rows moves some of the best out of those kept.
  EXPECT_GE(all, some - (bits() == 2 ? 0.005 : 0));
  EXPECT_GT(all, 0.97);
}

TEST_P(Ivf, AnswersOnlyWhatIsAcceptedAndIsInTheIndex) {
  const auto index = Build([](LocalId id) { return Raw(id) % 3 != 0; });
  const EvenOnly even;
  for (const Query& query : queries_) {
    const auto found = index->Search(query, {.top_k = 20, .ef_search = 2'000, .acceptor = &even});
    EXPECT_EQ(found.size(), 20u);
    for (const Neighbor& neighbor : found) EXPECT_TRUE(Raw(neighbor.id) % 2 == 0 && Raw(neighbor.id) % 3 != 0);
  }
}

// Rows that some function says yes to; counts how many it was asked for that it says no to.
class Only final : public Acceptor {
 public:
  explicit Only(std::function<bool(LocalId)> passes) : passes_(std::move(passes)) {}
  bool Accepts(LocalId id) const override {
    const bool passes = passes_(id);
    refused_ += !passes;
    return passes;
  }
  size_t refused() const { return refused_; }

 private:
  const std::function<bool(LocalId)> passes_;
  mutable std::atomic<size_t> refused_{0};
};

TEST_P(Ivf, AsksOnlyForRowsInPlacesThatPass) {
  const auto index = Build([](LocalId id) { return Raw(id) % 37 != 0; });
  // The rows nearest to one of them lie together, those farthest from it all around.
  const Query pivot = Query::FromRow(format_, rows_.view().at(LocalId{11}));
  std::vector<float> distances;
  for (uint32_t i = 0; i < kRows; ++i) distances.push_back(pivot.DistanceTo(rows_.view().at(LocalId{i})));
  std::vector<float> sorted = distances;
  std::sort(sorted.begin(), sorted.end());
  const float near = sorted[kRows / 5], far = sorted[kRows - kRows / 5];
  const std::pair<double, std::function<bool(LocalId)>> filters[] = {
      {0.5, [](LocalId id) { return Raw(id) % 2 == 0; }},
      {0.1, [](LocalId id) { return Raw(id) % 10 == 1; }},
      {0.02, [](LocalId id) { return Raw(id) % 50 == 1; }},
      {0.2, [&](LocalId id) { return distances[Raw(id)] < near; }},
      {0.2, [&](LocalId id) { return distances[Raw(id)] > far; }},
  };
  for (const auto& [share, passes] : filters) {
    const auto listed = [&passes](LocalId id) { return Raw(id) % 37 != 0 && passes(id); };
    const Only only(listed);
    const PassingPlaces places = index->PlacesOf(passes);
    const SearchParams params{
        .top_k = 10, .ef_search = 512, .acceptor = &only, .accepted_share = share, .places = &places};
    size_t hits = 0, wanted = 0;
    for (const Query& query : queries_) {
      const Only scanned(listed);
      const auto exact =
          ScanRange(query, rows_.view(), LocalId{0}, LocalId{kRows}, {.top_k = 10, .acceptor = &scanned});
      std::set<LocalId> different;
      for (const Neighbor& neighbor : index->Search(query, params)) {
        EXPECT_TRUE(listed(neighbor.id) && different.insert(neighbor.id).second);
        hits += neighbor.distance <= exact.back().distance;
      }
      wanted += exact.size();
    }
    EXPECT_EQ(only.refused(), 0u) << share;
    EXPECT_GT(static_cast<double>(hits) / static_cast<double>(wanted), bits() == 2 ? 0.93 : 0.95) << share;
  }
}

TEST_P(Ivf, LeavesOutOnlyWhatIsFartherThanTheBound) {
  const auto index = Build(Always);
  size_t missed = 0;
  for (const Query& query : queries_) {
    const auto all = index->Search(query, {.top_k = 20, .ef_search = 2'000});
    ASSERT_EQ(all.size(), 20u);
    const auto near = index->Search(query, {.top_k = 20, .ef_search = 2'000, .bound = all[9].distance});
    for (size_t i = 0; i < 10; ++i) {
      missed += std::none_of(near.begin(), near.end(), [&](const Neighbor& n) { return n.id == all[i].id; });
    }
    const float nearer = all[0].distance - std::abs(all[0].distance);
    SearchWork bounded, unbounded;
    EXPECT_LE(index->Search(query, {.top_k = 20, .ef_search = 20, .bound = nearer, .work = &bounded}).size(), 5u);
    index->Search(query, {.top_k = 20, .ef_search = 20, .work = &unbounded});
    EXPECT_LT(bounded.by_codes + bounded.by_rows, unbounded.by_codes + unbounded.by_rows);
  }
  EXPECT_LE(missed, 10 * queries_.size() / 50);
}

TEST_P(Ivf, AnswersByCodesAloneWithoutReadingRows) {
  const auto index = Build(Always);
  SearchWork work;
  size_t exact = 0, answers = 0;
  for (const Query& query : queries_) {
    const auto found = index->Search(query, {.top_k = 10, .ef_search = 200, .rescore = false, .work = &work});
    EXPECT_TRUE(std::is_sorted(found.begin(), found.end()));
    answers += found.size();
    for (const Neighbor& neighbor : found) {
      exact += neighbor.distance == query.DistanceTo(rows_.view().at(neighbor.id));
    }
  }
  EXPECT_EQ(answers, 10 * queries_.size());
  EXPECT_EQ(work.rescored, 0u);
  EXPECT_EQ(work.by_rows == 0, bits() != 0);
  if (bits() == 0) {
    EXPECT_EQ(exact, answers);
  } else {
    EXPECT_LT(exact, answers / 10);
  }
}

TEST_P(Ivf, KeepsAsManyAsItIsToldTo) {
  const auto index = Build(Always);
  const auto rescored = [&](size_t kept) {
    SearchWork work;
    for (const Query& query : queries_) {
      index->Search(query, {.top_k = 10, .ef_search = 200, .kept_by_codes = kept, .work = &work});
    }
    return work.rescored;
  };
  const uint64_t usual = rescored(0);
  EXPECT_EQ(rescored(10), usual);
  if (bits() == 2) {
    EXPECT_GT(rescored(300), usual);
  } else {
    EXPECT_LT(rescored(300), 3 * usual + 1) << "the bounds of codes say which of them are read";
  }
}

TEST_P(Ivf, AnswersTheSameFromItsImage) {
  const auto index = Build([](LocalId id) { return Raw(id) != 7; });
  StringSink sink;
  ASSERT_TRUE(index->Save(&sink).ok());
  const auto loaded = IvfIndex::Load(sink.bytes, format_, rows_.view(), kRows);
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  (*loaded)->AttachCodes(codes_);
  for (const Query& query : queries_) {
    const SearchParams params{.top_k = 10, .ef_search = 20};
    EXPECT_EQ((*loaded)->Search(query, params), index->Search(query, params));
  }
}

TEST_P(Ivf, RefusesDamagedImages) {
  StringSink sink;
  ASSERT_TRUE(Build(Always)->Save(&sink).ok());
  Random random(5);
  for (int i = 0; i < 300; ++i) {
    std::string image = sink.bytes;
    const uint64_t at = i < 64 ? static_cast<uint64_t>(i) : random.Below(image.size());
    image[at] = static_cast<char>(image[at] ^ 1 << random.Below(8));
    EXPECT_TRUE(absl::IsDataLoss(IvfIndex::Load(image, format_, rows_.view(), kRows).status())) << at;
    image.resize(random.Below(image.size()));
    EXPECT_TRUE(absl::IsDataLoss(IvfIndex::Load(image, format_, rows_.view(), kRows).status())) << image.size();
  }
  EXPECT_TRUE(absl::IsDataLoss(IvfIndex::Load(sink.bytes, format_, rows_.view(), kRows - 1).status()));
}

TEST_P(Ivf, IsTheSameOnManyThreadsAndSaysHowFarItIs) {
  Executor executor("test", 3);
  std::atomic<uint64_t> done = 0;
  StringSink one, many;
  ASSERT_TRUE(Build(Always)->Save(&one).ok());
  ASSERT_TRUE(Build(Always, {.executor = &executor, .parallelism = 4, .progress = &done})->Save(&many).ok());
  EXPECT_EQ(one.bytes, many.bytes);
  EXPECT_EQ(done, kRows);
}

TEST_P(Ivf, TakesTheCentroidsOfAnother) {
  const auto first = Build(Always);
  const auto second = *IvfIndex::Build(format_, {.like = first.get()}, rows_.view(), kRows / 2, Always, {});
  EXPECT_TRUE(std::equal(first->centroids().begin(), first->centroids().end(), second->centroids().begin()));
  EXPECT_EQ(second->size(), kRows / 2);
  const auto found = second->Search(queries_[0], {.top_k = 10, .ef_search = 500});
  const auto exact = ScanRange(queries_[0], rows_.view(), LocalId{0}, LocalId{kRows / 2}, {.top_k = 10});
  ASSERT_EQ(found.size(), exact.size());
  for (size_t i = 0; i < found.size(); ++i) {
    EXPECT_EQ(found[i].id, exact[i].id);
    EXPECT_FLOAT_EQ(found[i].distance, exact[i].distance);  // one row at a time or four: sums in another order
  }
}

TEST_P(Ivf, GrowsIntoWhatItWouldBeIfMadeAtOnce) {
  const auto first = *IvfIndex::Build(format_, {}, rows_.view(), kRows / 3, Always, {});
  const auto grown = *IvfIndex::Build(format_, {.like = first.get()}, rows_.view(), kRows, Always, {});
  const std::vector<LocalId> none(kRows / 3, kNoLocal);
  const auto at_once = *IvfIndex::Build(format_, {.like = first.get(), .remap = none}, rows_.view(), kRows, Always, {});
  StringSink one, other;
  ASSERT_TRUE(grown->Save(&one).ok());
  ASSERT_TRUE(at_once->Save(&other).ok());
  EXPECT_EQ(one.bytes, other.bytes);
}

TEST_P(Ivf, TakesRowsToOtherPlaces) {
  const auto first = Build(Always);
  // Every third row goes; the rest move up.
  GrowingRows moved(format_.row_bytes(), kRows);
  std::vector<LocalId> remap(kRows, kNoLocal);
  for (uint32_t i = 0; i < kRows; ++i) {
    if (i % 3 != 0) remap[i] = moved.Append(rows_.view().at(LocalId{i}));
  }
  const auto taken =
      *IvfIndex::Build(format_, {.like = first.get(), .remap = remap}, moved.view(), moved.size(), Always, {});
  const std::vector<LocalId> none(kRows, kNoLocal);
  const auto anew =
      *IvfIndex::Build(format_, {.like = first.get(), .remap = none}, moved.view(), moved.size(), Always, {});
  EXPECT_EQ(taken->size(), moved.size());
  StringSink one, other;
  ASSERT_TRUE(taken->Save(&one).ok());
  ASSERT_TRUE(anew->Save(&other).ok());
  EXPECT_EQ(one.bytes, other.bytes);
}

TEST_P(Ivf, StopsWhenToldTo) {
  const std::atomic<bool> cancelled = true;
  IvfBuildOptions options;
  options.cancelled = &cancelled;
  EXPECT_TRUE(absl::IsCancelled(IvfIndex::Build(format_, {}, rows_.view(), kRows, Always, options).status()));
}

TEST_P(Ivf, OfNothingAndOfOneRow) {
  const auto nothing = Build([](LocalId) { return false; });
  EXPECT_TRUE(nothing->Search(queries_[0], {.top_k = 3}).empty());
  const auto one = Build([](LocalId id) { return Raw(id) == 9; });
  const auto found = one->Search(queries_[0], {.top_k = 3});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].id, LocalId{9});
}

INSTANTIATE_TEST_SUITE_P(Formats, Ivf,
                         testing::Combine(testing::Values(Distance::kL2, Distance::kDot, Distance::kCosine),
                                          testing::Values(ElementType::kF32, ElementType::kF16),
                                          testing::Values(0u, 8u, 4u, 2u)));

TEST(ListChoice, TakesTheLeastAndTheLeastFirst) {
  Random random(4);
  for (size_t size : {1u, 2u, 10u, 3'000u}) {
    std::vector<float> ranks(size);
    for (float& rank : ranks) rank = static_cast<float>(random.Gaussian());
    for (size_t wanted : {size_t{1}, size / 2 + 1, size, size + 5}) {
      const std::vector<uint32_t> chosen = ChooseLists(ranks, wanted);
      ASSERT_EQ(chosen.size(), std::min(wanted, size));
      std::vector<float> sorted = ranks;
      std::sort(sorted.begin(), sorted.end());
      const float blur = 2 * (sorted.back() - sorted.front()) / 1'023;
      float before = sorted.front();
      for (size_t i = 0; i < chosen.size(); ++i) {
        EXPECT_LE(ranks[chosen[i]], sorted[chosen.size() - 1] + blur);
        EXPECT_GE(ranks[chosen[i]], before - blur);
        before = ranks[chosen[i]];
      }
      std::vector<uint32_t> distinct = chosen;
      std::sort(distinct.begin(), distinct.end());
      EXPECT_EQ(std::unique(distinct.begin(), distinct.end()), distinct.end());
    }
  }
}

TEST(ListChoice, OfRanksThatAreNoNumbers) {
  const float infinite = std::numeric_limits<float>::infinity(), none = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(ChooseLists(std::vector<float>{3, infinite, 1, 2}, 2).size(), 2u);
  EXPECT_EQ(ChooseLists(std::vector<float>{none, none, infinite}, 3).size(), 3u);
  EXPECT_EQ(ChooseLists(std::vector<float>{-infinite, 5, infinite}, 2).size(), 2u);
}

TEST(ListChoice, OfEqualRanks) { EXPECT_EQ(ChooseLists(std::vector<float>(9, 1.0f), 4).size(), 4u); }

TEST(KMeans, FindsClustersThatLieApartAndKeepsListsOfLikeSize) {
  Random random(8);
  constexpr uint32_t kDim = 8, kCount = 20'000;
  std::vector<float> rows;
  for (uint32_t i = 0; i < kCount; ++i) {
    // Nine of ten rows in one narrow heap.
    const bool heap = i % 10 != 0;
    for (uint32_t j = 0; j < kDim; ++j) {
      rows.push_back(static_cast<float>(random.Gaussian()) * (heap ? 0.1f : 5.0f) + (heap ? 20.0f : 0.0f));
    }
  }
  for (uint32_t clusters : {64u, 2'000u}) {
    const std::vector<float> centroids = KMeans(rows.data(), kCount, kDim, clusters, {});
    ASSERT_EQ(centroids.size(), size_t{clusters} * kDim);
    std::vector<uint32_t> sizes(clusters, 0);
    double error = 0;
    for (uint32_t i = 0; i < kCount; ++i) {
      uint32_t nearest = 0;
      double least = std::numeric_limits<double>::infinity();
      for (uint32_t c = 0; c < clusters; ++c) {
        double square = 0;
        for (uint32_t j = 0; j < kDim; ++j) {
          const double d = rows[i * kDim + j] - centroids[size_t{c} * kDim + j];
          square += d * d;
        }
        if (square < least) least = square, nearest = c;
      }
      ++sizes[nearest];
      if (i % 10 != 0) error += least;
    }
    EXPECT_LT(*std::max_element(sizes.begin(), sizes.end()), 12 * kCount / clusters + 20) << clusters;
    EXPECT_LT(error / (0.9 * kCount), 0.1 * 0.1 * kDim) << clusters;
  }
}

TEST(KMeans, OfFewerRowsThanClusters) {
  const std::vector<float> rows = {1, 2, 3};
  EXPECT_EQ(KMeans(rows.data(), 3, 1, 10, {}).size(), 3u);
  EXPECT_TRUE(KMeans(rows.data(), 0, 1, 10, {}).empty());
}

}  // namespace
}  // namespace lineal::index
