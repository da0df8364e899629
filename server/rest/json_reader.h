// A request body as JSON, read with errors that say where: "points[3].vector: expected a number, found a string". A
// member that is null counts as absent, as clients expect.
//
// Threads: a JsonBody belongs to one thread, and a thread has at most one at a time.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "base/ids.h"
#include "base/status.h"
#include "engine/payload/value.h"
#include "simdjson.h"

namespace lineal::server {

using JsonElement = simdjson::dom::element;
using JsonObject = simdjson::dom::object;
using JsonArray = simdjson::dom::array;

// Where in a body a value stands; a chain on the stack, turned into text only for an error.
class JsonPlace {
 public:
  JsonPlace() = default;
  JsonPlace(const JsonPlace& parent, std::string_view name) : parent_(&parent), name_(name) {}
  JsonPlace(const JsonPlace& parent, size_t index) : parent_(&parent), index_(index) {}
  std::string ToString() const;

 private:
  const JsonPlace* parent_ = nullptr;
  std::string_view name_;
  size_t index_ = 0;
};

class JsonBody {
 public:
  // Parses `text`, whose capacity must leave simdjson's padding behind its end.
  explicit JsonBody(std::string text);
  // INVALID_ARGUMENT of kind malformed for what is no JSON; else the root.
  absl::StatusOr<JsonElement> Root() const { return root_; }

 private:
  std::string text_;
  std::unique_ptr<simdjson::dom::parser> own_parser_;
  absl::StatusOr<JsonElement> root_;
};

// Of kind malformed ("place: problem") and of kind out of range ("[place: problem]").
absl::Status MalformedAt(const JsonPlace& place, std::string_view problem);
absl::Status OutOfRangeAt(const JsonPlace& place, std::string_view problem);
// INVALID_ARGUMENT "place: problem", for what is understood and not served.
absl::Status UnsupportedAt(const JsonPlace& place, std::string_view what);
absl::Status WrongType(const JsonPlace& place, std::string_view wanted, JsonElement found);

absl::StatusOr<JsonObject> ReadObject(JsonElement element, const JsonPlace& place);
absl::StatusOr<JsonArray> ReadArray(JsonElement element, const JsonPlace& place);
absl::StatusOr<std::string> ReadString(JsonElement element, const JsonPlace& place);
absl::StatusOr<bool> ReadBool(JsonElement element, const JsonPlace& place);
absl::StatusOr<uint64_t> ReadUint(JsonElement element, const JsonPlace& place);
absl::StatusOr<double> ReadDouble(JsonElement element, const JsonPlace& place);
// Above 0, at most 1.
absl::StatusOr<double> ReadRecallTarget(JsonElement element, const JsonPlace& place);
absl::StatusOr<PointId> ReadPointId(JsonElement element, const JsonPlace& place);
absl::StatusOr<std::vector<std::string>> ReadStrings(JsonElement element, const JsonPlace& place);
// Finite 32-bit floats.
absl::StatusOr<std::vector<float>> ReadFloats(JsonElement element, const JsonPlace& place);
// Any JSON within the payload limits of depth and size.
absl::StatusOr<engine::Value> ReadValue(JsonElement element, const JsonPlace& place);
// The same, of an object.
absl::StatusOr<engine::Value> ReadObjectValue(JsonElement element, const JsonPlace& place);

std::optional<JsonElement> Find(const JsonObject& object, std::string_view name);
absl::StatusOr<JsonElement> Require(const JsonObject& object, std::string_view name, const JsonPlace& place);

// Reads the member `name` with `read` into `*out` if it is there.
template <class Reader, class T>
absl::Status ReadMember(const JsonObject& object, std::string_view name, const JsonPlace& place, Reader read, T* out) {
  auto element = Find(object, name);
  if (!element) return absl::OkStatus();
  auto value = read(*element, JsonPlace(place, name));
  if (!value.ok()) return value.status();
  *out = *std::move(value);
  return absl::OkStatus();
}

// Calls `read(element, place)` for each element of an array; stops at the first that is not OK.
template <class Reader>
absl::Status ForEach(JsonElement element, const JsonPlace& place, Reader read) {
  auto array = ReadArray(element, place);
  if (!array.ok()) return array.status();
  size_t index = 0;
  for (JsonElement item : *array) LINEAL_RETURN_IF_ERROR(read(item, JsonPlace(place, index++)));
  return absl::OkStatus();
}

}  // namespace lineal::server
