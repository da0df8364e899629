#include "bench/sets/set_choice.h"

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdlib>

#include "base/file_system.h"
#include "base/status.h"
#include "base/temporary_directory.h"
#include "bench/sets/data_files.h"
#include "gtest/gtest.h"

namespace lineal::bench {
namespace {

class SetChoiceTest : public testing::Test {
 protected:
  std::string Write(const std::string& name, const Matrix& matrix) const {
    EXPECT_TRUE(WriteMatrix(directory_.Sub(name), matrix).ok());
    return directory_.Sub(name);
  }
  SetChoice Files(const Matrix& base, const Matrix& queries) const {
    SetChoice choice;
    choice.base = Write("base.fbin", base);
    choice.queries = Write("queries.fbin", queries);
    return choice;
  }

  const TemporaryDirectory directory_;
};

TEST_F(SetChoiceTest, ExactAnswersFollowTheMetric) {
  // Row 0 is nearest by product and by angle, row 1 by distance.
  SetChoice choice = Files({2, {10, 0.1f, 1, 0.7f, 0, 30}}, {2, {1, 0.25f}});
  const std::pair<const char*, uint32_t> wanted[] = {{"l2", 1}, {"ip", 0}, {"cos", 0}};
  Executor executor("test", 1);
  for (const auto& [metric, nearest] : wanted) {
    choice.metric = metric;
    auto data = LoadSet(choice, choice.base);
    ASSERT_TRUE(data.ok()) << data.status();
    ASSERT_TRUE(LoadTruth(choice, 3, &executor, &*data).ok());
    ASSERT_EQ(data->truth.size(), 3u);
    EXPECT_EQ(data->truth[0], nearest) << metric;
    EXPECT_STREQ(NameOf(data->distance), metric);
  }
}

TEST_F(SetChoiceTest, CosineSetsAreNormalisedAndZeroVectorsRefused) {
  SetChoice choice = Files({2, {3, 4, 0, 0}}, {2, {1, 1}});
  choice.metric = "cos";
  const auto refused = LoadSet(choice, choice.base);
  EXPECT_EQ(MessageOf(refused.status()), "row 1 is all zeros, which has no direction under cos");
  choice.rows = 1;
  const auto data = LoadSet(choice, choice.base);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_FLOAT_EQ(data->base.values[0], 0.6f);
  EXPECT_FLOAT_EQ(data->queries.values[1], std::sqrt(0.5f));
}

TEST_F(SetChoiceTest, WhatDoesNotFitTogetherIsRefused) {
  SetChoice choice = Files({2, {1, 2, 3, 4}}, {3, {1, 2, 3}});
  EXPECT_EQ(MessageOf(LoadSet(choice, choice.base).status()), "queries have 3 components, rows 2");
  choice.queries = choice.base;
  choice.truth = "any";
  choice.rows = 1;
  EXPECT_EQ(MessageOf(LoadSet(choice, choice.base).status()), "--truth answers for all 2 rows, --rows leaves 1");
  choice.truth = "";
  Executor executor("test", 1);
  auto data = LoadSet(choice, choice.base);
  ASSERT_TRUE(data.ok()) << data.status();
  EXPECT_EQ(MessageOf(LoadTruth(choice, 2, &executor, &*data)), "k is 2, allowed are 1 to 1, the number of rows");
}

TEST_F(SetChoiceTest, GeneratedSetsHaveTheRowsAskedForAndComeFromTheSeed) {
  SetChoice choice;
  choice.rows = 40;
  choice.queries_count = 7;
  const auto one = LoadSet(choice, "clustered-784"), same = LoadSet(choice, "clustered-784");
  choice.seed = 2;
  const auto other = LoadSet(choice, "clustered-784");
  ASSERT_TRUE(one.ok() && same.ok() && other.ok());
  EXPECT_EQ(one->base.rows(), 40u);
  EXPECT_EQ(one->queries.rows(), 7u);
  EXPECT_EQ(one->base.dim, 784u);
  EXPECT_EQ(one->base.values, same->base.values);
  EXPECT_NE(one->base.values, other->base.values);
}

TEST_F(SetChoiceTest, TheCommandLineTakesBothNamesOfAMetric) {
  for (const char* line : {"--base x --metric cos", "--base x --distance cosine"}) {
    CLI::App app;
    SetChoice choice;
    AddSetOptions(&app, &choice);
    app.parse(line);
    EXPECT_EQ(choice.metric, "cos");
    EXPECT_EQ(NamesOf(choice), std::vector<std::string>{"x"});
  }
  CLI::App app;
  SetChoice choice;
  AddSetOptions(&app, &choice);
  EXPECT_THROW(app.parse("--set nothing-1"), CLI::ParseError);
  EXPECT_THROW(app.parse("--metric l7"), CLI::ParseError);
}

}  // namespace
}  // namespace lineal::bench
