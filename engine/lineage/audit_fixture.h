// A catalogue in memory that can fail in every way a real one does, and the log over it; for tests.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/strings.h"
#include "base/temporary_directory.h"
#include "engine/lineage/audit_log.h"
#include "engine/lineage/signed_log.h"
#include "engine/lineage/verify_audit_log.h"
#include "gtest/gtest.h"
#include "storage/meta/meta_store.h"

namespace lineal::engine {

class MetaStoreInMemory final : public storage::MetaStore {
 public:
  // Of the next Apply: not done; done, but said to have failed; done when the one after it is.
  enum class Failure { kNone, kNotDone, kDone, kDoneLater };

  absl::StatusOr<std::optional<std::string>> Get(std::string_view key) override {
    ++gets;
    const auto found = records.find(std::string(key));
    return found == records.end() ? std::nullopt : std::optional(found->second);
  }
  absl::Status List(std::string_view prefix,
                    const std::function<void(std::string_view, std::string_view)>& visit) override {
    for (const auto& [key, value] : records) {
      if (key.starts_with(prefix)) visit(key, value);
    }
    return absl::OkStatus();
  }
  absl::Status Scan(std::string_view prefix,
                    const std::function<bool(std::string_view, std::string_view)>& visit) override {
    for (const auto& [key, value] : records) {
      if (key.starts_with(prefix) && !visit(key, value)) break;
    }
    return absl::OkStatus();
  }
  absl::Status Apply(const std::vector<Change>& changes) override {
    const Failure failure = std::exchange(next, Failure::kNone);
    if (failure == Failure::kNotDone) return absl::UnavailableError("not done");
    pending_.push_back(changes);
    if (failure == Failure::kDoneLater) return absl::UnavailableError("done later");
    for (; !pending_.empty(); pending_.pop_front()) {
      for (const Change& change : pending_.front()) {
        if (change.value) {
          records[change.key] = *change.value;
        } else {
          records.erase(change.key);
        }
      }
    }
    applied.push_back(changes);
    return failure == Failure::kDone ? absl::UnavailableError("done") : absl::OkStatus();
  }

  std::map<std::string, std::string> records;
  std::vector<std::vector<Change>> applied;
  Failure next = Failure::kNone;
  size_t gets = 0;

 private:
  std::deque<std::vector<Change>> pending_;
};

class AuditFixture {
 protected:
  AuditFixture() { Open(); }

  void Open() {
    audit_.reset();
    log_ = std::make_unique<AuditLog>(&meta_, &clock_);
    audit_ = std::make_unique<SignedLog>(&meta_, &clock_, log_.get(),
                                         KeyFile{PosixFileSystem(), directory_.Sub("keys/audit.key")});
  }
  // One entry that sets an alias.
  absl::Status SetAlias(const std::string& alias, const std::string& target) {
    Value body = Value::EmptyObject();
    body.Set("collection", Value(target));
    return log_->Commit({{"alias.set", alias, "somebody", std::move(body)}}, {{"alias/" + alias, target}});
  }
  std::vector<std::string> Problems(const std::vector<AuditCheckpoint>& kept = {}) {
    std::vector<std::string> problems;
    const auto verified =
        VerifyAuditLog(&meta_, kept, [&](const std::string& problem) { problems.push_back(problem); });
    EXPECT_TRUE(verified.ok()) << verified.status();
    if (verified.ok()) verified_ = *verified;
    return problems;
  }
  AuditCheckpoint Checkpoint() {
    const auto checkpoint = audit_->Checkpoint();
    EXPECT_TRUE(checkpoint.ok()) << checkpoint.status();
    return checkpoint.ok() ? checkpoint->checkpoint : AuditCheckpoint();
  }

  const TemporaryDirectory directory_;
  FakeClock clock_;
  MetaStoreInMemory meta_;
  std::unique_ptr<AuditLog> log_;
  std::unique_ptr<SignedLog> audit_;
  AuditVerification verified_;
};

}  // namespace lineal::engine
