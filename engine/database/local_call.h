// A call in progress on a collection: refused once the collection is closed, waited for by its closing.
#pragma once

#include "base/executor.h"
#include "base/status.h"

namespace lineal::engine {

class LocalCall {
 public:
  LocalCall(TaskScope* scope, std::string_view collection) : scope_(scope->Enter() ? scope : nullptr) {
    if (scope_ == nullptr) status_ = NotFound("Collection `", collection, "` doesn't exist!");
  }
  ~LocalCall() {
    if (scope_ != nullptr) scope_->Leave();
  }
  LocalCall(const LocalCall&) = delete;
  LocalCall& operator=(const LocalCall&) = delete;
  const absl::Status& status() const { return status_; }

 private:
  TaskScope* const scope_;
  absl::Status status_;
};

}  // namespace lineal::engine
