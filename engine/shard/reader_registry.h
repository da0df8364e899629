// The seqs that reads in progress look at, so that nothing they can see is taken away.
//
// Threads: any.
#pragma once

#include <algorithm>
#include <mutex>
#include <set>

#include "base/check.h"
#include "base/ids.h"

namespace lineal::engine {

class ReaderRegistry {
 public:
  void Enter(Seq at) {
    std::lock_guard lock(mutex_);
    reading_.insert(at);
  }
  void Leave(Seq at) {
    std::lock_guard lock(mutex_);
    const auto there = reading_.find(at);
    LINEAL_CHECK(there != reading_.end());
    reading_.erase(there);
  }
  // The least of `seq` and every seq being read.
  Seq Oldest(Seq seq) const {
    std::lock_guard lock(mutex_);
    return reading_.empty() ? seq : std::min(seq, *reading_.begin());
  }

 private:
  mutable std::mutex mutex_;
  std::multiset<Seq> reading_;
};

}  // namespace lineal::engine
