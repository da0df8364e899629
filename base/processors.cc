#include "base/processors.h"

#include <sched.h>

#include <algorithm>
#include <charconv>
#include <string>

#include "base/status.h"

namespace lineal {
namespace {

// A number at the front of `text`, which loses it; -1 for none.
int TakeNumber(std::string_view* text) {
  int number = -1;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
  if (error == std::errc::result_out_of_range) number = CPU_SETSIZE;
  if (error == std::errc::invalid_argument || text->front() == '-') return -1;
  text->remove_prefix(static_cast<size_t>(end - text->data()));
  return number;
}

}  // namespace

absl::StatusOr<std::vector<int>> ParseProcessors(std::string_view text) {
  const auto unreadable = [whole = text] {
    return InvalidArgument("\"", whole.substr(0, 100), "\" is no list of processors such as 0-3,8");
  };
  std::vector<int> processors;
  while (!text.empty()) {
    const int first = TakeNumber(&text);
    int last = first;
    if (text.starts_with('-')) {
      text.remove_prefix(1);
      if (text.empty()) return unreadable();
      last = TakeNumber(&text);
    }
    if (first < 0 || last < first) return unreadable();
    if (last >= CPU_SETSIZE) return InvalidArgument("processor ", last, " is beyond the last, ", CPU_SETSIZE - 1);
    for (int number = first; number <= last; ++number) processors.push_back(number);
    if (text.empty()) break;
    if (!text.starts_with(',') || text.size() == 1) return unreadable();
    text.remove_prefix(1);
  }
  std::sort(processors.begin(), processors.end());
  processors.erase(std::unique(processors.begin(), processors.end()), processors.end());
  return processors;
}

std::vector<int> AllowedProcessors() {
  cpu_set_t set;
  CPU_ZERO(&set);
  std::vector<int> processors;
  if (sched_getaffinity(0, sizeof set, &set) != 0) return processors;
  for (int number = 0; number < CPU_SETSIZE; ++number) {
    if (CPU_ISSET(number, &set)) processors.push_back(number);
  }
  return processors;
}

bool RunOn(const std::vector<int>& processors) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (const int number : processors) CPU_SET(number, &set);
  return sched_setaffinity(0, sizeof set, &set) == 0;
}

}  // namespace lineal
