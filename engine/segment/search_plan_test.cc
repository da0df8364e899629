#include "engine/segment/search_plan.h"

#include <gtest/gtest.h>

namespace lineal::engine {
namespace {

// A sealed segment of 340,000 rows of 100 components with a graph and codes.
PlanQuestion Question() {
  PlanQuestion question;
  question.rows = question.matches = 340'000;
  question.has_index = question.has_codes = true;
  question.distance_bytes = 128;
  question.top_k = 10;
  return question;
}
PlanQuestion Filtered(uint64_t matches) {
  PlanQuestion question = Question();
  question.filtered = true;
  question.matches = matches;
  return question;
}
RecallTable Table() {
  RecallTable table;
  table.by_codes = true;
  table.scan_recall = 0.9995f;
  for (const FilterBand band : {FilterBand::kNone, FilterBand::kMost}) {
    table.bands[static_cast<size_t>(band)].at_10 = {{16, 0.8f, 1e-9f}, {64, 0.9f, 1e-9f}, {256, 0.99f, 1e-9f}};
    table.bands[static_cast<size_t>(band)].at_100 = {{128, 0.8f, 1e-9f}, {512, 0.95f, 1e-9f}};
  }
  return table;
}

TEST(SearchPlan, WalksTheGraphAtTheDefaultWidth) {
  const PlanChoice choice = ChoosePlan(Question());
  EXPECT_EQ(choice.plan, SearchPlan::kGraph);
  EXPECT_EQ(choice.ef_search, kDefaultEfSearch);
  EXPECT_EQ(choice.hops_max, 0u);
  EXPECT_EQ(choice.recall, std::nullopt);
  PlanQuestion wide = Question();
  wide.top_k = 500;
  EXPECT_EQ(ChoosePlan(wide).ef_search, 500u);
}

TEST(SearchPlan, ScansWhenThereIsNoGraphOrEverythingIsAsked) {
  PlanQuestion question = Question();
  question.exact = true;
  EXPECT_EQ(ChoosePlan(question).plan, SearchPlan::kScanAll);
  EXPECT_FALSE(ChoosePlan(question).by_codes);
  question = Question();
  question.has_index = question.has_codes = false;
  EXPECT_EQ(ChoosePlan(question).reason, PlanReason::kNoIndex);
  EXPECT_EQ(ChoosePlan(question).plan, SearchPlan::kScanAll);
  question = Question();
  question.has_index = false;
  EXPECT_EQ(ChoosePlan(question).plan, SearchPlan::kScanAll);
  EXPECT_TRUE(ChoosePlan(question).by_codes) << "a segment that waits for its graph";
  question.exact = true;
  EXPECT_FALSE(ChoosePlan(question).by_codes);
  question = Question();
  question.top_k = 170'000;
  EXPECT_EQ(ChoosePlan(question).reason, PlanReason::kMostRowsAsked);
  question.matches = 0;
  EXPECT_EQ(ChoosePlan(question).plan, SearchPlan::kNothing);
}

TEST(SearchPlan, ScansFewMatchesAndWalksAmongMany) {
  const PlanChoice few = ChoosePlan(Filtered(500));
  EXPECT_EQ(few.plan, SearchPlan::kScanMatches);
  EXPECT_TRUE(few.by_codes);
  EXPECT_EQ(few.reason, PlanReason::kScanCheaper);
  const PlanChoice many = ChoosePlan(Filtered(250'000));
  EXPECT_EQ(many.plan, SearchPlan::kGraph);
  EXPECT_GT(many.hops_max, ExpectedHops(250'000, 340'000, many.ef_search));
  // Nobody knows how many pass: there is no list to fall back to.
  const PlanChoice unknown = ChoosePlan(Filtered(340'000));
  EXPECT_EQ(unknown.plan, SearchPlan::kGraph);
  EXPECT_EQ(unknown.hops_max, 0u);
}

TEST(SearchPlan, TheCrossingMovesWithWidthSizeAndBytes) {
  const auto crossing = [](uint64_t rows, size_t ef_search, size_t bytes) {
    uint64_t matches = 1;
    while (matches < rows && ScanIsCheaper(matches, rows, ef_search, bytes)) matches += rows / 1'000;
    return static_cast<double>(matches) / static_cast<double>(rows);
  };
  EXPECT_LT(crossing(340'000, 128, 128), crossing(60'000, 128, 128));
  EXPECT_LT(crossing(60'000, 128, 768), crossing(60'000, 128, 128));
  EXPECT_LT(crossing(60'000, 32, 128), crossing(60'000, 512, 128));
  EXPECT_GE(crossing(2'000, 128, 128), 1.0);
}

TEST(SearchPlan, TakesTheWidthThatWasMeasuredForTheTarget) {
  const RecallTable table = Table();
  PlanQuestion question = Question();
  question.recall = &table;
  question.recall_target = 0.89999;
  const PlanChoice choice = ChoosePlan(question);
  EXPECT_EQ(choice.plan, SearchPlan::kGraph);
  EXPECT_EQ(choice.reason, PlanReason::kMeasured);
  EXPECT_EQ(choice.ef_search, 64u);
  EXPECT_NEAR(*choice.recall, 0.9, 1e-6);
  question.ef_search = 16;
  EXPECT_EQ(ChoosePlan(question).ef_search, 16u) << "a width goes before the target";
  EXPECT_NEAR(*ChoosePlan(question).recall, 0.8, 1e-6);
}

TEST(SearchPlan, ScansEverythingByCodesWhereNoWidthReachesTheTarget) {
  const RecallTable table = Table();
  PlanQuestion question = Question();
  question.recall = &table;
  question.recall_target = 0.995;
  PlanChoice choice = ChoosePlan(question);
  EXPECT_EQ(choice.plan, SearchPlan::kScanAll);
  EXPECT_TRUE(choice.by_codes);
  EXPECT_EQ(choice.reason, PlanReason::kNoWidthEnough);
  EXPECT_NEAR(*choice.recall, 0.9995, 1e-6);
  question.recall_target = 1.0;
  choice = ChoosePlan(question);
  EXPECT_EQ(choice.plan, SearchPlan::kScanAll);
  EXPECT_FALSE(choice.by_codes) << "one means exact";
  EXPECT_EQ(choice.recall, 1.0);
}

TEST(SearchPlan, ATargetUnderAFilterGoesByTheBand) {
  const RecallTable table = Table();
  PlanQuestion question = Filtered(250'000);
  question.recall = &table;
  question.recall_target = 0.89999;
  EXPECT_EQ(ChoosePlan(question).plan, SearchPlan::kGraph);
  EXPECT_EQ(ChoosePlan(question).ef_search, 64u);
  // No walk was measured there, because none is worth it.
  question.matches = 20'000;
  EXPECT_EQ(ChoosePlan(question).plan, SearchPlan::kScanMatches);
}

TEST(SearchPlan, GuessesWideBeforeAGraphIsMeasured) {
  size_t before = 0;
  for (const double target : {0.5, 0.8, 0.9, 0.95, 0.98}) {
    PlanQuestion question = Question();
    question.recall_target = target;
    const PlanChoice choice = ChoosePlan(question);
    EXPECT_EQ(choice.reason, PlanReason::kNotMeasured);
    EXPECT_GE(choice.ef_search, before);
    before = choice.ef_search;
  }
  EXPECT_GT(before, kDefaultEfSearch);
  EXPECT_EQ(UnmeasuredWidth(0.999, 10), std::nullopt);
  EXPECT_GE(*UnmeasuredWidth(0.8, 400), 400u);
}

TEST(SearchPlan, SaysWhy) {
  PlanQuestion question = Filtered(120);
  const PlanChoice choice = ChoosePlan(question);
  EXPECT_EQ(Describe(question, choice), "a scan of 120 rows is cheaper than a walk at ef_search 128");
  question = Question();
  question.recall_target = 0.95;
  EXPECT_NE(Describe(question, ChoosePlan(question)).find("not been measured"), std::string::npos);
  EXPECT_NE(Describe(question, ChoosePlan(question)).find("95 %"), std::string::npos);
}

// The same with 1,328 lists.
PlanQuestion Listed(uint64_t matches) {
  PlanQuestion question = Filtered(matches);
  question.by_lists = true;
  question.lists = 1'328;
  question.bit_bytes = 25;
  return question;
}

TEST(SearchPlan, ScansFewerWhereItIsKnownWhatPassesOfEachList) {
  EXPECT_EQ(ChoosePlan(Listed(34'000)).plan, SearchPlan::kScanMatches);
  PlanQuestion known = Listed(34'000);
  known.places_known = true;
  EXPECT_EQ(ChoosePlan(known).plan, SearchPlan::kLists);
  known.matches = 1'000;
  EXPECT_EQ(ChoosePlan(known).plan, SearchPlan::kScanMatches);
  known.matches = 10'000;
  known.top_k = 4'999;
  EXPECT_EQ(ChoosePlan(known).plan, SearchPlan::kLists);
  known.top_k = 5'000;
  EXPECT_EQ(ChoosePlan(known).plan, SearchPlan::kScanMatches);
  EXPECT_EQ(ChoosePlan(known).reason, PlanReason::kMostRowsAsked);
}

TEST(SearchPlan, SearchesATenantsRowsAsIfTheyWereAll) {
  PlanQuestion question = Listed(34'000);
  question.rows = 34'000;
  question.of_tenant = true;
  question.filtered = false;
  EXPECT_EQ(ChoosePlan(question).plan, SearchPlan::kTenantLists);
  EXPECT_EQ(NameOf(SearchPlan::kTenantLists), "tenant_lists");
  // Of all rows those of others are not to be scanned.
  question.exact = true;
  EXPECT_EQ(ChoosePlan(question).plan, SearchPlan::kScanMatches);
  question.exact = false;
  question.top_k = 17'000;
  EXPECT_EQ(ChoosePlan(question).plan, SearchPlan::kScanMatches);
  question.top_k = 10;
  question.filtered = true;
  question.matches = 100;
  EXPECT_EQ(ChoosePlan(question).plan, SearchPlan::kScanMatches);
}

}  // namespace
}  // namespace lineal::engine
