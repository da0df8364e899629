// A pointer to an immutable thing that is replaced as a whole. A reader's copy stays valid for as long as it holds it.
//
// Threads: any. The lock is held for the copy of one pointer only.
#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace lineal {

template <class T>
class Published {
 public:
  explicit Published(std::shared_ptr<const T> value = nullptr) : value_(std::move(value)) {}
  std::shared_ptr<const T> Get() const {
    std::lock_guard lock(mutex_);
    return value_;
  }
  void Set(std::shared_ptr<const T> value) {
    std::lock_guard lock(mutex_);
    value_.swap(value);
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace lineal
