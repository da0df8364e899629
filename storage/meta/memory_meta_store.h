// A catalogue in memory, for tests of what keeps records in one.
//
// Threads: any; `visit` must not call back.
#pragma once

#include <map>
#include <mutex>
#include <string>

#include "storage/meta/meta_store.h"

namespace lineal::storage {

class MemoryMetaStore final : public MetaStore {
 public:
  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) override {
    std::lock_guard lock(mutex_);
    const auto found = records_.find(key);
    if (found == records_.end()) return std::nullopt;
    return found->second;
  }
  absl::Status List(std::string_view prefix,
                    const std::function<void(std::string_view key, std::string_view value)>& visit) override {
    std::lock_guard lock(mutex_);
    for (auto at = records_.lower_bound(prefix); at != records_.end() && at->first.starts_with(prefix); ++at) {
      visit(at->first, at->second);
    }
    return absl::OkStatus();
  }
  absl::Status Scan(std::string_view prefix,
                    const std::function<bool(std::string_view key, std::string_view value)>& visit) override {
    std::lock_guard lock(mutex_);
    for (auto at = records_.lower_bound(prefix); at != records_.end() && at->first.starts_with(prefix); ++at) {
      if (!visit(at->first, at->second)) break;
    }
    return absl::OkStatus();
  }
  absl::Status Apply(const std::vector<Change>& changes) override {
    std::lock_guard lock(mutex_);
    if (!fail_.ok()) return fail_;
    for (const Change& change : changes) {
      if (change.value) {
        records_[change.key] = *change.value;
      } else {
        records_.erase(change.key);
      }
    }
    ++applied_;
    return absl::OkStatus();
  }

  // What changes are answered with from now on.
  void Fail(absl::Status status) { fail_ = std::move(status); }
  uint64_t applied() const { return applied_; }
  std::map<std::string, std::string, std::less<>> records() {
    std::lock_guard lock(mutex_);
    return records_;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::string, std::less<>> records_;
  absl::Status fail_;
  uint64_t applied_ = 0;
};

}  // namespace lineal::storage
