#include "bench/load/number_filters.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/random.h"
#include "base/strings.h"

namespace lineal::bench {

std::vector<uint32_t> NumberRows(size_t rows, uint64_t seed) {
  std::vector<uint32_t> numbers(rows);
  std::iota(numbers.begin(), numbers.end(), 0);
  std::ranges::shuffle(numbers, Random(seed));
  return numbers;
}

std::string NumberPayload(uint32_t number) { return StrCat("{\"", kNumberField, "\":", number, "}"); }

v1::Filter NumberFilter::Message() const {
  v1::Filter filter;
  v1::FieldCondition* field = filter.add_must()->mutable_field();
  field->set_key(kNumberField);
  field->mutable_range()->set_gte(static_cast<double>(begin));
  field->mutable_range()->set_lt(static_cast<double>(end));
  return filter;
}

std::string NumberFilter::Json() const {
  return StrCat(R"({"must":[{"key":")", kNumberField, R"(","range":{"gte":)", begin, R"(,"lt":)", end, "}}]}");
}

std::vector<NumberFilter> NumberFilters(double share, size_t rows, size_t count) {
  const auto wanted = static_cast<size_t>(std::llround(share * static_cast<double>(rows)));
  const size_t passing = std::clamp<size_t>(wanted, 1, rows);
  const size_t last_begin = rows - passing;
  count = std::clamp<size_t>(count, 1, last_begin + 1);
  std::vector<NumberFilter> filters;
  for (size_t i = 0; i < count; ++i) {
    const size_t begin = count == 1 ? 0 : i * last_begin / (count - 1);
    filters.push_back({begin, begin + passing});
  }
  return filters;
}

}  // namespace lineal::bench
