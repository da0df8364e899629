// What a payload holds at a key path, as conditions and payload indexes look at it: an array at the end of the path
// stands for its elements (one level), anything else for itself.
#pragma once

#include "engine/payload/path.h"
#include "engine/payload/value.h"

namespace lineal::engine {

struct FieldShape {
  bool empty = true;  // nothing there, or only null and []
  bool null = false;  // a null is there (a null inside an array is none)
};

// Calls `on_element(const Value&)` for every element; it returns false to stop, and the shape is then unfinished.
template <class OnElement>
FieldShape ForEachElement(const PayloadPath& path, const Value& payload, OnElement&& on_element) {
  FieldShape shape;
  path.Visit(payload, [&](const Value& value) {
    const auto* elements = value.get_if<Value::Array>();
    if (elements == nullptr) {
      shape.empty &= value.is_null();
      shape.null |= value.is_null();
      return static_cast<bool>(on_element(value));
    }
    shape.empty &= elements->empty();
    for (const Value& element : *elements) {
      if (!on_element(element)) return false;
    }
    return true;
  });
  return shape;
}

}  // namespace lineal::engine
