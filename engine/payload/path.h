// A path into a payload as filters and updates spell it: `a.b`, `a[].b` (every element), `a[0].b` (one element), and
// quoted parts `"a.b".c`. A dot into an array without `[]` also looks into every element, as clients expect.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/payload/value.h"

namespace lineal::engine {

class PayloadPath {
 public:
  // INVALID_ARGUMENT with the text for an empty or broken path; of kind out of range beyond kPayloadDepthMax parts.
  static absl::StatusOr<PayloadPath> Parse(std::string_view text);
  const std::string& text() const { return text_; }

  // Calls `visit` with every value found at the path; `visit` returns false to stop. An array at the end of the path is
  // given as the array itself (callers that want its elements go through them).
  void Visit(const Value& root, const std::function<bool(const Value&)>& visit) const;
  // Merges `members` (an object) into the object(s) at the path, making objects on the way where nothing is. A null
  // member removes the key. What stands in the way and is of another kind is replaced.
  void Merge(Value* root, const Value& members) const;
  // Removes what the path names. False if nothing was there.
  bool Remove(Value* root) const;
  // The part of `root` that the path names, in its place: for payload selectors (`with_payload: {include: [...]}`).
  void CopyInto(const Value& root, Value* out) const;

 private:
  friend class PathParser;
  friend class PathWalk;
  struct Step {
    enum class Kind { kKey, kEach, kIndex } kind;
    std::string key;
    size_t index = 0;
  };
  std::string text_;
  std::vector<Step> steps_;
};

}  // namespace lineal::engine
