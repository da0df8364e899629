// How far a long piece of work is, on stderr: a bar that is drawn over itself on a terminal, a line every few seconds
// elsewhere.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace lineal::cli {

struct ProgressOptions {
  std::string label;
  bool terminal = false;
  const Clock* clock = SystemClock();
  std::function<void(std::string_view)> write;  // to stderr if not given
  bool silent = false;
};

// Like the one above with `terminal` set by what stderr is.
ProgressOptions StderrProgress(std::string label, bool silent);

class Progress {
 public:
  explicit Progress(ProgressOptions options);
  // `records` done of this run; `fraction` of all work, in [0, 1], or below 0 when not known.
  void Update(uint64_t records, double fraction);
  // Draws the last state and ends the line.
  void Finish();

 private:
  std::string Line(int64_t now_ns) const;
  void Show(int64_t now_ns);

  ProgressOptions options_;
  std::mutex mutex_;
  const int64_t started_ns_;
  int64_t shown_ns_;
  double first_fraction_ = -1;
  uint64_t records_ = 0;
  double fraction_ = -1;
};

}  // namespace lineal::cli
