#include "engine/payload/path.h"

#include <algorithm>
#include <charconv>

#include "base/status.h"
#include "engine/payload/json.h"

namespace lineal::engine {
namespace {

constexpr std::string_view kSpecial = ".[]\"";

}  // namespace

// Reads `text` from left to right; a step that does not parse leaves it bad.
class PathParser {
 public:
  using Step = PayloadPath::Step;
  explicit PathParser(std::string_view text) : rest_(text) {}

  bool Parse(std::vector<Step>* steps) {
    if (!Key(steps)) return false;
    while (!rest_.empty()) {
      char next = rest_.front();
      rest_.remove_prefix(1);
      if (next == '.' ? !Key(steps) : next != '[' || !Bracket(steps)) return false;
    }
    return true;
  }

 private:
  bool Key(std::vector<Step>* steps) {
    bool quoted = !rest_.empty() && rest_.front() == '"';
    if (quoted) rest_.remove_prefix(1);
    size_t end = quoted ? rest_.find('"') : std::min(rest_.find_first_of(kSpecial), rest_.size());
    if (end == std::string_view::npos || (end == 0 && !quoted)) return false;
    steps->push_back({Step::Kind::kKey, std::string(rest_.substr(0, end)), 0});
    rest_.remove_prefix(quoted ? end + 1 : end);
    return true;
  }
  bool Bracket(std::vector<Step>* steps) {
    size_t end = rest_.find(']');
    if (end == std::string_view::npos) return false;
    std::string_view inside = rest_.substr(0, end);
    rest_.remove_prefix(end + 1);
    if (inside.empty()) {
      steps->push_back({Step::Kind::kEach, {}, 0});
      return true;
    }
    uint32_t index = 0;
    auto [stop, error] = std::from_chars(inside.data(), inside.data() + inside.size(), index);
    steps->push_back({Step::Kind::kIndex, {}, index});
    return error == std::errc() && stop == inside.data() + inside.size();
  }

  std::string_view rest_;
};

absl::StatusOr<PayloadPath> PayloadPath::Parse(std::string_view text) {
  PayloadPath path;
  path.text_ = text;
  if (!PathParser(text).Parse(&path.steps_)) return InvalidArgument("invalid payload key `", text, "`");
  if (path.steps_.size() > static_cast<size_t>(kPayloadDepthMax)) {
    return OutOfRange("payload key has ", path.steps_.size(), " parts, the limit is ", kPayloadDepthMax);
  }
  return path;
}

// The walks along a path's steps from `at` on. Steps are bounded by Parse(), so these recurse.
class PathWalk {
 public:
  using Step = PayloadPath::Step;
  using Steps = std::vector<Step>;
  using Visitor = std::function<bool(const Value&)>;

  // False once the visitor has said stop.
  static bool Visit(const Steps& steps, size_t at, const Value& value, const Visitor& visit) {
    if (at == steps.size()) return visit(value);
    const Step& step = steps[at];
    if (step.kind == Step::Kind::kKey) {
      if (const Value* member = value.Find(step.key)) return Visit(steps, at + 1, *member, visit);
    }
    const auto* elements = value.get_if<Value::Array>();
    if (elements == nullptr) return true;
    if (step.kind == Step::Kind::kIndex) {
      return step.index >= elements->size() || Visit(steps, at + 1, (*elements)[step.index], visit);
    }
    // A key asked of an array is asked of each of its objects; of arrays in it no more.
    bool key = step.kind == Step::Kind::kKey;
    return std::all_of(elements->begin(), elements->end(), [&](const Value& element) {
      return key && !element.is_object() ? true : Visit(steps, key ? at : at + 1, element, visit);
    });
  }

  static void Merge(const Steps& steps, size_t at, Value* value, const Value& members) {
    if (at == steps.size()) return MergeMembers(value, members);
    const Step& step = steps[at];
    auto* elements = value->get_if<Value::Array>();
    if (step.kind == Step::Kind::kKey) {
      if (elements != nullptr && std::any_of(elements->begin(), elements->end(), IsObject)) {
        for (Value& element : *elements) {
          if (element.is_object()) Merge(steps, at, &element, members);
        }
        return;
      }
      Value member;
      if (const Value* old = value->Find(step.key)) member = *old;
      Merge(steps, at + 1, &member, members);
      value->Set(step.key, std::move(member));
      return;
    }
    if (elements == nullptr) {
      *value = Value(Value::Array());
    } else if (step.kind == Step::Kind::kEach) {
      for (Value& element : *elements) Merge(steps, at + 1, &element, members);
    } else if (step.index < elements->size()) {
      Merge(steps, at + 1, &(*elements)[step.index], members);
    }
  }

  static bool Remove(const Steps& steps, size_t at, Value* value) {
    const Step& step = steps[at];
    bool last = at + 1 == steps.size();
    auto* elements = value->get_if<Value::Array>();
    switch (step.kind) {
      case Step::Kind::kKey: {
        if (elements != nullptr) {
          bool removed = false;
          for (Value& element : *elements) removed |= element.is_object() && Remove(steps, at, &element);
          return removed;
        }
        if (last) return value->Erase(step.key);
        Value* member = Member(value, step.key);
        return member != nullptr && Remove(steps, at + 1, member);
      }
      case Step::Kind::kEach: {
        if (elements == nullptr) return false;
        bool removed = last && !elements->empty();
        if (last) {
          elements->clear();
          return removed;
        }
        for (Value& element : *elements) removed |= Remove(steps, at + 1, &element);
        return removed;
      }
      case Step::Kind::kIndex: {
        if (elements == nullptr || step.index >= elements->size()) return false;
        if (!last) return Remove(steps, at + 1, &(*elements)[step.index]);
        elements->erase(elements->begin() + static_cast<ptrdiff_t>(step.index));
        return true;
      }
    }
    return false;
  }

  // Adds the named part of `value` to `out`, which is null or what earlier paths put there. False if there is none.
  static bool Copy(const Steps& steps, size_t at, const Value& value, Value* out) {
    if (at == steps.size()) {
      *out = value;
      return true;
    }
    const Step& step = steps[at];
    if (const auto* elements = value.get_if<Value::Array>()) return CopyElements(steps, at, *elements, out);
    if (step.kind != Step::Kind::kKey) return false;
    const Value* member = value.Find(step.key);
    if (member == nullptr) return false;
    Value part;
    if (const Value* old = out->Find(step.key)) part = *old;
    if (!Copy(steps, at + 1, *member, &part)) return false;
    out->Set(step.key, std::move(part));
    return true;
  }

 private:
  static bool IsObject(const Value& value) { return value.is_object(); }
  static Value* Member(Value* value, std::string_view key) { return const_cast<Value*>(value->Find(key)); }

  static void MergeMembers(Value* value, const Value& members) {
    if (!value->is_object()) *value = Value::EmptyObject();
    for (const auto& [key, member] : members.object()) {
      if (member.is_null()) {
        value->Erase(key);
      } else {
        value->Set(key, member);
      }
    }
  }

  // An array keeps its length under selection, so that several paths into it meet in the same elements; elements
  // without the part become empty objects.
  static bool CopyElements(const Steps& steps, size_t at, const Value::Array& elements, Value* out) {
    const Step& step = steps[at];
    if (step.kind == Step::Kind::kIndex && step.index >= elements.size()) return false;
    Value::Array copies(elements.size(), Value::EmptyObject());
    if (auto* old = out->get_if<Value::Array>()) copies = std::move(*old);
    copies.resize(elements.size(), Value::EmptyObject());
    bool copied = false;
    for (size_t i = 0; i < elements.size(); ++i) {
      if (step.kind == Step::Kind::kIndex && i != step.index) continue;
      bool key = step.kind == Step::Kind::kKey;
      if (key && !elements[i].is_object()) continue;
      copied |= Copy(steps, key ? at : at + 1, elements[i], &copies[i]);
    }
    if (copied) *out = Value(std::move(copies));
    return copied;
  }
};

void PayloadPath::Visit(const Value& root, const std::function<bool(const Value&)>& visit) const {
  PathWalk::Visit(steps_, 0, root, visit);
}
void PayloadPath::Merge(Value* root, const Value& members) const { PathWalk::Merge(steps_, 0, root, members); }
bool PayloadPath::Remove(Value* root) const { return PathWalk::Remove(steps_, 0, root); }
void PayloadPath::CopyInto(const Value& root, Value* out) const { PathWalk::Copy(steps_, 0, root, out); }

}  // namespace lineal::engine
