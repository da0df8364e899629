#include "bench/ann/measure.h"

#include <algorithm>
#include <cstdio>

#include "base/status.h"

namespace lineal::bench {
namespace {

constexpr double kRecallEnough = 0.995;
// A wider search that finds no more than this is followed by no wider one.
constexpr double kRecallGainMin = 0.0005;
constexpr int kStillMax = 3;  // widths in a row that bring no more
// What is slower than this share of another point is not only so by noise.
constexpr double kClearly = 0.8;
constexpr size_t kHalvings = 3;  // steps of 1.5 × between widths become steps of 1.06 ×

double RecallOf(const DataSet& data, size_t k, const std::vector<uint32_t>& ids) {
  size_t hits = 0;
  for (size_t query = 0; query < data.queries.rows(); ++query) {
    const uint32_t* truth = data.truth.data() + query * data.truth_k;
    for (size_t i = 0; i < k; ++i) hits += std::find(truth, truth + k, ids[query * k + i]) != truth + k;
  }
  return static_cast<double>(hits) / static_cast<double>(k * data.queries.rows());
}

// Measures the points of one entrant.
class Course {
 public:
  Course(const DataSet& data, const SearchSettings& settings, Entrant* entrant)
      : data_(data), settings_(settings), contender_(*entrant->contender), result_(entrant->result) {}

  // Finds the efforts worth measuring; doubles as the warm-up.
  absl::Status Explore() {
    for (size_t refine : contender_.Refines()) {
      std::vector<Point> curve;
      int still = 0;
      for (size_t width : contender_.Widths()) {
        LINEAL_ASSIGN_OR_RETURN(Point point, Try({width, refine}));
        still = !curve.empty() && point.recall < curve.back().recall + kRecallGainMin ? still + 1 : 0;
        curve.push_back(point);
        if (point.recall >= kRecallEnough || still == kStillMax) break;
      }
      for (double target : kRecallTargets) LINEAL_RETURN_IF_ERROR(Approach(target, refine, &curve));
      result_.points.insert(result_.points.end(), curve.begin(), curve.end());
    }
    const std::vector<Point> all = result_.points;
    std::erase_if(result_.points, [&](const Point& point) {
      return std::ranges::any_of(all, [&](const Point& other) {
        return other.recall >= point.recall && other.first_qps * kClearly > point.first_qps;
      });
    });
    std::ranges::sort(result_.points, {}, &Point::recall);
    return absl::OkStatus();
  }

  absl::Status Repeat() {
    std::vector<uint32_t> ids(data_.queries.rows() * settings_.k);
    for (Point& point : result_.points) {
      LINEAL_ASSIGN_OR_RETURN(const double seconds,
                              contender_.Search(data_.queries, point.effort, settings_.k, ids.data()));
      point.qps.push_back(QpsOf(seconds));
    }
    return absl::OkStatus();
  }

  absl::Status SearchTogether() {
    for (double target : kRecallTargets) {
      auto* point = const_cast<Point*>(FastestAt(result_, target));
      if (point == nullptr || point->qps_all.has_value()) continue;
      LINEAL_ASSIGN_OR_RETURN(point->qps_all,
                              contender_.SearchTogether(data_.queries, point->effort, settings_.k, settings_.threads));
    }
    return absl::OkStatus();
  }

 private:
  absl::StatusOr<Point> Try(Effort effort) {
    std::vector<uint32_t> ids(data_.queries.rows() * settings_.k);
    LINEAL_ASSIGN_OR_RETURN(const double seconds, contender_.Search(data_.queries, effort, settings_.k, ids.data()));
    Point point{effort, RecallOf(data_, settings_.k, ids), {}, {}, QpsOf(seconds)};
    std::fprintf(stderr, "%s: %s, recall %.4f\n", result_.system.c_str(), EffortText(effort).c_str(), point.recall);
    return point;
  }

  absl::Status Approach(double target, size_t refine, std::vector<Point>* curve) {
    for (size_t i = 0; i < kHalvings; ++i) {
      const auto above = std::ranges::find_if(*curve, [&](const Point& point) { return point.recall >= target; });
      if (above == curve->end() || above == curve->begin()) return absl::OkStatus();
      const size_t low = (above - 1)->effort.width, high = above->effort.width;
      if (high <= low + std::max<size_t>(1, low / 16)) return absl::OkStatus();
      LINEAL_ASSIGN_OR_RETURN(const Point point, Try({(low + high) / 2, refine}));
      curve->insert(std::ranges::find_if(*curve, [&](const Point& other) { return other.effort > point.effort; }),
                    point);
    }
    return absl::OkStatus();
  }

  double QpsOf(double seconds) const { return static_cast<double>(data_.queries.rows()) / std::max(seconds, 1e-9); }

  std::string EffortText(Effort effort) const {
    std::string text = StrCat(result_.effort_names.first, " ", effort.width);
    if (effort.refine > 0) StrAppend(&text, ", ", result_.effort_names.second, " ", effort.refine);
    return text;
  }

  const DataSet& data_;
  const SearchSettings& settings_;
  Contender& contender_;
  Result& result_;
};

using Step = absl::Status (Course::*)();

// Does one step with each entrant, and drops those that fail.
void ForAll(const DataSet& data, const SearchSettings& settings, Step step, std::vector<Entrant>* entrants) {
  std::erase_if(*entrants, [&](Entrant& entrant) {
    Course course(data, settings, &entrant);
    const absl::Status status = (course.*step)();
    if (!status.ok()) {
      std::fprintf(stderr, "%s: %s\n", entrant.result.system.c_str(), std::string(MessageOf(status)).c_str());
    }
    return !status.ok();
  });
}

}  // namespace

Spread SpreadOf(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  return {values[values.size() / 2], values.front(), values.back()};
}

absl::Status BuildEntrant(const DataSet& data, const BuildSettings& settings, Entrant* entrant) {
  Result& result = entrant->result;
  result.system = entrant->contender->name();
  std::fprintf(stderr, "%s: building over %zu × %zu …", result.system.c_str(), data.base.rows(), data.base.dim);
  const auto cost = entrant->contender->Build(data, settings);
  std::fprintf(stderr, cost.ok() ? " %.1f s\n" : " failed\n", cost.ok() ? cost->seconds : 0);
  LINEAL_RETURN_IF_ERROR(cost.status());
  result.build = *cost;
  result.effort_names = entrant->contender->EffortNames();
  return absl::OkStatus();
}

void SearchAll(const DataSet& data, const SearchSettings& settings, std::vector<Entrant>* entrants) {
  ForAll(data, settings, &Course::Explore, entrants);
  for (size_t repeat = 0; repeat < settings.repeats; ++repeat) {
    std::fprintf(stderr, "repeat %zu of %zu\n", repeat + 1, settings.repeats);
    ForAll(data, settings, &Course::Repeat, entrants);
  }
  ForAll(data, settings, &Course::SearchTogether, entrants);
}

std::vector<Point> Frontier(const Result& result) {
  std::vector<Point> points = result.points;
  std::erase_if(points, [](const Point& point) { return point.qps.empty(); });
  std::ranges::stable_sort(points, {}, &Point::recall);
  std::vector<Point> best;
  for (const Point& point : points) {
    while (!best.empty() && SpreadOf(best.back().qps).median <= SpreadOf(point.qps).median) best.pop_back();
    if (best.empty() || best.back().recall < point.recall) best.push_back(point);
  }
  return best;
}

const Point* FastestAt(const Result& result, double target) {
  const Point* best = nullptr;
  for (const Point& point : result.points) {
    if (point.recall < target) continue;
    if (best == nullptr || SpreadOf(point.qps).median > SpreadOf(best->qps).median) best = &point;
  }
  return best;
}

}  // namespace lineal::bench
