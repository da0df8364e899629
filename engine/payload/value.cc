#include "engine/payload/value.h"

#include <algorithm>

namespace lineal::engine {
namespace {

struct KeyLess {
  bool operator()(const Value::Member& member, std::string_view key) const { return member.first < key; }
};

}  // namespace

Value::Value(Object members) {
  auto out_of_order = std::adjacent_find(members.begin(), members.end(),
                                         [](const Member& a, const Member& b) { return a.first >= b.first; });
  if (out_of_order != members.end()) {
    std::stable_sort(members.begin(), members.end(),
                     [](const Member& a, const Member& b) { return a.first < b.first; });
    size_t kept = 0;
    for (size_t i = 0; i < members.size(); ++i) {
      if (i + 1 < members.size() && members[i + 1].first == members[i].first) continue;
      if (kept != i) members[kept] = std::move(members[i]);
      ++kept;
    }
    members.resize(kept);
  }
  data_ = std::move(members);
}

const Value* Value::Find(std::string_view key) const {
  const Object* members = get_if<Object>();
  if (members == nullptr) return nullptr;
  auto at = std::lower_bound(members->begin(), members->end(), key, KeyLess());
  return at != members->end() && at->first == key ? &at->second : nullptr;
}

void Value::Set(std::string_view key, Value value) {
  if (!is_object()) data_ = Object();
  Object& members = object();
  auto at = std::lower_bound(members.begin(), members.end(), key, KeyLess());
  if (at != members.end() && at->first == key) {
    at->second = std::move(value);
  } else {
    members.emplace(at, std::string(key), std::move(value));
  }
}

bool Value::Erase(std::string_view key) {
  Object* members = get_if<Object>();
  if (members == nullptr) return false;
  auto at = std::lower_bound(members->begin(), members->end(), key, KeyLess());
  if (at == members->end() || at->first != key) return false;
  members->erase(at);
  return true;
}

}  // namespace lineal::engine
