#include "clients/cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/strings.h"
#include "clients/cli/text_table.h"

namespace lineal::cli {
namespace {

constexpr int64_t kTerminalStepNs = 100'000'000;
constexpr int64_t kLineStepNs = 5'000'000'000;
constexpr int kBarColumns = 28;

}  // namespace

ProgressOptions StderrProgress(std::string label, bool silent) {
  ProgressOptions options;
  options.label = std::move(label);
  options.terminal = isatty(STDERR_FILENO) != 0;
  options.silent = silent;
  return options;
}

Progress::Progress(ProgressOptions options)
    : options_(std::move(options)), started_ns_(options_.clock->MonotonicNs()), shown_ns_(started_ns_) {
  if (!options_.write) options_.write = [](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); };
}

void Progress::Update(uint64_t records, double fraction) {
  std::lock_guard lock(mutex_);
  records_ = records;
  fraction_ = fraction;
  if (first_fraction_ < 0) first_fraction_ = fraction;
  const int64_t now = options_.clock->MonotonicNs();
  if (now - shown_ns_ >= (options_.terminal ? kTerminalStepNs : kLineStepNs)) Show(now);
}

void Progress::Finish() {
  std::lock_guard lock(mutex_);
  Show(options_.clock->MonotonicNs());
  if (options_.terminal && !options_.silent) options_.write("\n");
}

std::string Progress::Line(int64_t now_ns) const {
  const double seconds = std::max(1e-9, 1e-9 * static_cast<double>(now_ns - started_ns_));
  const double rate = static_cast<double>(records_) / seconds;
  std::string line = options_.label;
  if (fraction_ >= 0) {
    const int percent = static_cast<int>(100 * std::min(1.0, fraction_));
    if (options_.terminal) {
      const int full = kBarColumns * percent / 100;
      line += "  ";
      for (int i = 0; i < kBarColumns; ++i) line += i < full ? "█" : "░";
    }
    StrAppend(&line, "  ", percent, " %");
  }
  StrAppend(&line, "  ", HumanCount(records_), " points  ", HumanCount(static_cast<uint64_t>(std::llround(rate))),
            "/s");
  const double done = fraction_ - std::max(0.0, first_fraction_);
  if (fraction_ >= 1) {
    StrAppend(&line, "  in ", HumanSeconds(seconds));
  } else if (done > 0) {
    StrAppend(&line, "  ", HumanSeconds(seconds / done * (1 - fraction_)), " left");
  }
  return line;
}

void Progress::Show(int64_t now_ns) {
  shown_ns_ = now_ns;
  if (options_.silent) return;
  // On a terminal the line is drawn over the last one, and what that had more is erased.
  options_.write(options_.terminal ? StrCat("\r", Line(now_ns), "\x1b[K") : StrCat(Line(now_ns), "\n"));
}

}  // namespace lineal::cli
