// A field condition made ready to be asked of one value after another, without any index.
//
// Threads: const members from any thread.
#pragma once

#include <string>
#include <variant>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "base/strings.h"
#include "engine/api/filter.h"
#include "engine/payload/path.h"

namespace lineal::engine {

// The scalars of a match, each kind in its set.
class ScalarSet {
 public:
  // With `as_uuid`, texts are compared as UUIDs where both are.
  ScalarSet(const std::vector<MatchScalar>& scalars, bool as_uuid);
  bool Contains(const Value& value) const;

 private:
  bool as_uuid_;
  StringSet texts_;
  absl::flat_hash_set<int64_t> integers_;
  bool has_true_ = false;
  bool has_false_ = false;
};

class FieldCheck {
 public:
  FieldCheck(const FieldCondition& condition, bool as_uuid);
  // Whether any element at the path passes.
  bool Passes(const PayloadPath& path, const Value& payload) const;

 private:
  struct Among {
    ScalarSet scalars;
  };
  struct NotAmong {
    ScalarSet scalars;
  };
  struct Words {
    std::vector<std::string> tokens;
  };
  using Test = std::variant<Among, NotAmong, Words, Range, DatetimeRange, ValuesCount>;

  static Test TestOf(const FieldCondition& condition, bool as_uuid);
  bool PassesElement(const Value& element) const;

  Test test_;
};

}  // namespace lineal::engine
