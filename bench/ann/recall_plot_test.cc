#include "bench/ann/recall_plot.h"

#include "gtest/gtest.h"

namespace lineal::bench {
namespace {

Result Of(std::vector<std::pair<double, double>> points) {
  Result result;
  for (size_t i = 0; i < points.size(); ++i) {
    result.points.push_back({{i + 1, 0}, points[i].first, {points[i].second}, {}, 0});
  }
  return result;
}

std::vector<double> RecallsOf(const std::vector<Point>& points) {
  std::vector<double> recalls;
  for (const Point& point : points) recalls.push_back(point.recall);
  return recalls;
}

TEST(RecallPlot, FrontierLeavesOutWhatAnotherPointBeats) {
  const Result result = Of({{0.8, 900}, {0.7, 800}, {0.9, 400}, {0.95, 500}, {0.95, 450}, {0.99, 100}});
  EXPECT_EQ(RecallsOf(Frontier(result)), (std::vector<double>{0.8, 0.95, 0.99}));
  EXPECT_EQ(Frontier(result)[1].qps[0], 500);
  EXPECT_TRUE(Frontier(Of({})).empty());
}

TEST(RecallPlot, TheFastestPointAtATargetReachesIt) {
  const Result result = Of({{0.8, 900}, {0.91, 300}, {0.92, 400}, {0.99, 100}});
  EXPECT_EQ(FastestAt(result, 0.9)->recall, 0.92);
  EXPECT_EQ(FastestAt(result, 0.95)->recall, 0.99);
  EXPECT_EQ(FastestAt(result, 0.995), nullptr);
}

TEST(RecallPlot, EverySystemHasALineAndAName) {
  DataSet data;
  data.name = "a<b";
  std::vector<Entrant> entrants(2);
  entrants[0].result = Of({{0.9, 1000}, {0.99, 100}});
  entrants[0].result.system = "one";
  entrants[1].result = Of({{0.95, 20'000}});
  entrants[1].result.system = "two";
  const std::string svg = RecallPlot(data, 10, entrants);
  EXPECT_NE(svg.find(">one</text>"), std::string::npos);
  EXPECT_NE(svg.find(">two</text>"), std::string::npos);
  EXPECT_NE(svg.find("a&lt;b"), std::string::npos);
  size_t lines = 0, dots = 0;
  for (size_t at = 0; (at = svg.find("<polyline", at)) != std::string::npos; ++at) ++lines;
  for (size_t at = 0; (at = svg.find("<circle", at)) != std::string::npos; ++at) ++dots;
  EXPECT_EQ(lines, 2u);
  EXPECT_EQ(dots, 3u);
  // 100, 1,000, 10,000 and 100,000 are marked, a power of ten as far from the next as any other.
  for (const char* mark : {">100<", ">1000<", ">10000<", ">100000<"}) EXPECT_NE(svg.find(mark), std::string::npos);
}

}  // namespace
}  // namespace lineal::bench
