#include "bench/sets/progress_line.h"

#include <cstdio>
#include <utility>

#include "base/clock.h"

namespace lineal::bench {
namespace {

constexpr int64_t kSilentNs = 2'000'000'000;
constexpr int64_t kBetweenNs = 500'000'000;

}  // namespace

ProgressLine::ProgressLine(std::string what, size_t total)
    : what_(std::move(what)), total_(total), next_ns_(SystemClock()->MonotonicNs() + kSilentNs) {}

ProgressLine::~ProgressLine() {
  if (shown_) std::fprintf(stderr, "\r%s: %zu of %zu\n", what_.c_str(), done_.load(), total_);
}

void ProgressLine::Add(size_t done) {
  const size_t now_done = done_.fetch_add(done) + done;
  const int64_t now = SystemClock()->MonotonicNs();
  int64_t due = next_ns_;
  if (now < due || !next_ns_.compare_exchange_strong(due, now + kBetweenNs)) return;
  shown_ = true;
  std::fprintf(stderr, "\r%s: %zu of %zu", what_.c_str(), now_done, total_);
}

}  // namespace lineal::bench
