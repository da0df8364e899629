// Writes JSON text front to back into one string. Commas are its own business; pairing begin with end is the caller's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/strings.h"
#include "engine/payload/json.h"

namespace lineal::server {

class JsonWriter {
 public:
  JsonWriter() = default;
  // Goes on from `start`, which must end where a value may stand.
  explicit JsonWriter(std::string start) : out_(std::move(start)) {}

  void BeginObject() { Open('{'); }
  void EndObject() { Close('}'); }
  void BeginArray() { Open('['); }
  void EndArray() { Close(']'); }
  void Key(std::string_view name) {
    Separate();
    engine::AppendJsonString(&out_, name);
    out_.push_back(':');
    fresh_ = true;
  }
  void String(std::string_view text) {
    Separate();
    engine::AppendJsonString(&out_, text);
  }
  void Uint(uint64_t value) {
    Separate();
    StrAppend(&out_, value);
  }
  void Int(int64_t value) {
    Separate();
    StrAppend(&out_, value);
  }
  void Float(float value) {
    Separate();
    engine::AppendJsonNumber(&out_, value);
  }
  void Double(double value) {
    Separate();
    engine::AppendJsonNumber(&out_, value);
  }
  void Bool(bool value) {
    Separate();
    out_.append(value ? "true" : "false");
  }
  void Null() {
    Separate();
    out_.append("null");
  }
  void Value(const engine::Value& value) {
    Separate();
    engine::AppendJson(&out_, value);
  }

  // Key and value in one.
  void Field(std::string_view name, std::string_view text) { Key(name), String(text); }
  void Field(std::string_view name, const char* text) { Key(name), String(text); }
  void Field(std::string_view name, const std::string& text) { Key(name), String(text); }
  void Field(std::string_view name, uint64_t value) { Key(name), Uint(value); }
  void Field(std::string_view name, uint32_t value) { Key(name), Uint(value); }
  void Field(std::string_view name, int value) { Key(name), Int(value); }
  void Field(std::string_view name, bool value) { Key(name), Bool(value); }
  void Field(std::string_view name, double value) { Key(name), Double(value); }
  void Field(std::string_view name, const engine::Value& value) { Key(name), Value(value); }
  void NullField(std::string_view name) { Key(name), Null(); }

  const std::string& text() const { return out_; }
  std::string Take() { return std::move(out_); }

 private:
  void Separate() {
    if (!fresh_) out_.push_back(',');
    fresh_ = false;
  }
  void Open(char bracket) {
    Separate();
    out_.push_back(bracket);
    fresh_ = true;
  }
  void Close(char bracket) {
    out_.push_back(bracket);
    fresh_ = false;
  }

  std::string out_;
  bool fresh_ = true;  // nothing before the next item to set apart from
};

}  // namespace lineal::server
