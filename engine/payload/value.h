// A payload value: what JSON can say, with unsigned, signed and floating numbers kept apart. An object's keys are
// unique and in byte order, so that equal payloads have equal bytes.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace lineal::engine {

class Value {
 public:
  using Array = std::vector<Value>;
  using Member = std::pair<std::string, Value>;
  using Object = std::vector<Member>;  // sorted by key, keys unique

  Value() = default;  // null
  Value(std::nullptr_t) {}
  Value(bool value) : data_(value) {}
  Value(int64_t value) : data_(value) {}
  // Held as uint64_t only above INT64_MAX; smaller ones become int64_t.
  Value(uint64_t value) {
    if (value <= static_cast<uint64_t>(std::numeric_limits<int64_t>::max())) {
      data_ = static_cast<int64_t>(value);
    } else {
      data_ = value;
    }
  }
  Value(double value) : data_(value + 0.0) {}  // minus zero becomes zero
  Value(std::string value) : data_(std::move(value)) {}
  Value(const char* value) : data_(std::string(value)) {}
  Value(Array value) : data_(std::move(value)) {}
  // Sorts the members; of equal keys the last one given stays.
  Value(Object members);
  static Value Unsigned(uint64_t value) { return Value(value); }
  static Value EmptyObject() { return Value(Object{}); }

  bool is_null() const { return std::holds_alternative<std::monostate>(data_); }
  bool is_object() const { return std::holds_alternative<Object>(data_); }
  bool is_array() const { return std::holds_alternative<Array>(data_); }
  bool is_string() const { return std::holds_alternative<std::string>(data_); }
  bool is_bool() const { return std::holds_alternative<bool>(data_); }
  bool is_number() const {
    return std::holds_alternative<int64_t>(data_) || std::holds_alternative<uint64_t>(data_) ||
           std::holds_alternative<double>(data_);
  }
  template <class T>
  const T* get_if() const {
    return std::get_if<T>(&data_);
  }
  template <class T>
  T* get_if() {
    return std::get_if<T>(&data_);
  }
  const Array& array() const { return std::get<Array>(data_); }
  Array& array() { return std::get<Array>(data_); }
  const Object& object() const { return std::get<Object>(data_); }
  Object& object() { return std::get<Object>(data_); }
  const std::string& string() const { return std::get<std::string>(data_); }

  // The member of that name, or null if this is no object or has none.
  const Value* Find(std::string_view key) const;
  // Inserts or replaces; makes this an object if it is none.
  void Set(std::string_view key, Value value);
  // False if there was none.
  bool Erase(std::string_view key);

  friend bool operator==(const Value&, const Value&) = default;

 private:
  std::variant<std::monostate, bool, int64_t, uint64_t, double, std::string, Array, Object> data_;
};

}  // namespace lineal::engine
