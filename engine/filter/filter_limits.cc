#include "engine/filter/filter_limits.h"

#include "base/status.h"

namespace lineal::engine {
namespace {

// Counts with a stack of its own, so that depth costs no call stack.
class FilterMeasure {
 public:
  explicit FilterMeasure(const Filter& filter) {
    pending_.push_back({&filter, 1});
    while (!pending_.empty()) {
      auto [next, depth] = pending_.back();
      pending_.pop_back();
      depth_ = std::max(depth_, depth);
      Take(next->must, depth);
      Take(next->should, depth);
      Take(next->must_not, depth);
      if (next->min_should) Take(next->min_should->conditions, depth);
    }
  }
  size_t depth() const { return depth_; }
  size_t conditions() const { return conditions_; }
  size_t values() const { return values_; }

 private:
  void Take(const std::vector<Condition>& conditions, size_t depth) {
    conditions_ += conditions.size();
    for (const Condition& condition : conditions) {
      if (auto* inner = std::get_if<std::shared_ptr<const Filter>>(&condition.test)) Push(inner->get(), depth + 1);
      if (auto* nested = std::get_if<Nested>(&condition.test)) Push(nested->filter.get(), depth + 1);
      if (auto* ids = std::get_if<HasId>(&condition.test)) values_ += ids->ids.size();
      const auto* field = std::get_if<FieldCondition>(&condition.test);
      if (field == nullptr) continue;
      if (auto* any = std::get_if<MatchAny>(&field->test)) values_ += any->values.size();
      if (auto* except = std::get_if<MatchExcept>(&field->test)) values_ += except->values.size();
    }
  }
  void Push(const Filter* filter, size_t depth) {
    if (filter != nullptr) pending_.push_back({filter, depth});
  }

  std::vector<std::pair<const Filter*, size_t>> pending_;
  size_t depth_ = 0;
  size_t conditions_ = 0;
  size_t values_ = 0;
};

}  // namespace

absl::Status CheckFilterLimits(const Filter& filter) {
  FilterMeasure measure(filter);
  if (measure.depth() > static_cast<size_t>(kFilterDepthMax)) {
    return OutOfRange("filter is nested ", measure.depth(), " levels deep, the limit is ", kFilterDepthMax);
  }
  if (measure.conditions() > kFilterConditionsMax) {
    return OutOfRange("filter has ", measure.conditions(), " conditions, the limit is ", kFilterConditionsMax);
  }
  if (measure.values() > kFilterValuesMax) {
    return OutOfRange("filter has ", measure.values(), " values, the limit is ", kFilterValuesMax);
  }
  return absl::OkStatus();
}

}  // namespace lineal::engine
