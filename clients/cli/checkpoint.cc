#include "clients/cli/checkpoint.h"

#include "base/hash.h"
#include "base/status.h"
#include "clients/cli/buffered_input.h"
#include "engine/payload/json.h"

namespace lineal::cli {
namespace {

using engine::Value;

constexpr size_t kDigestBytes = 1 << 16;

uint64_t NumberAt(const Value& json, std::string_view key) {
  const Value* value = json.Find(key);
  const int64_t* number = value == nullptr ? nullptr : value->get_if<int64_t>();
  return number == nullptr || *number < 0 ? 0 : static_cast<uint64_t>(*number);
}
std::string TextAt(const Value& json, std::string_view key) {
  const Value* value = json.Find(key);
  return value != nullptr && value->is_string() ? value->string() : "";
}
Value Number(uint64_t number) { return Value::Unsigned(number); }

}  // namespace

absl::StatusOr<Checkpoint> CheckpointFor(const std::string& input, std::string collection) {
  LINEAL_ASSIGN_OR_RETURN(std::unique_ptr<BufferedInput> file, BufferedInput::Open(input));
  std::string head(kDigestBytes, '\0');
  head.resize(file->Read(head.data(), head.size()));
  LINEAL_RETURN_IF_ERROR(file->status());
  Checkpoint checkpoint;
  checkpoint.collection = std::move(collection);
  checkpoint.input_bytes = file->size();
  const Digest digest = Sha256(head);
  checkpoint.input_digest = HexOf(BytesOf(digest).substr(0, 16));
  return checkpoint;
}

absl::StatusOr<std::optional<ReadPosition>> LoadCheckpoint(FileSystem* files, const std::string& path,
                                                           const Checkpoint& expected) {
  if (!files->Exists(path)) return std::nullopt;
  LINEAL_ASSIGN_OR_RETURN(const std::string text, files->ReadFile(path));
  const auto json = engine::ParseJson(text);
  if (!json.ok() || !json->is_object() || json->Find("position") == nullptr) {
    return InvalidArgument(path, " is no checkpoint; delete it or use --restart");
  }
  const bool same_input =
      NumberAt(*json, "input_bytes") == expected.input_bytes && TextAt(*json, "input_digest") == expected.input_digest;
  if (!same_input || TextAt(*json, "collection") != expected.collection) {
    return FailedPrecondition(
        path, same_input ? " belongs to another collection" : " belongs to an input that has changed since",
        "; --restart begins from the start");
  }
  const Value& position = *json->Find("position");
  return ReadPosition{.rows = NumberAt(position, "rows"),
                      .offset = NumberAt(position, "offset"),
                      .payload_offset = NumberAt(position, "payload_offset")};
}

absl::Status SaveCheckpoint(FileSystem* files, const std::string& path, const Checkpoint& checkpoint) {
  Value position = Value::EmptyObject();
  position.Set("rows", Number(checkpoint.position.rows));
  position.Set("offset", Number(checkpoint.position.offset));
  position.Set("payload_offset", Number(checkpoint.position.payload_offset));
  Value json = Value::EmptyObject();
  json.Set("collection", Value(checkpoint.collection));
  json.Set("input_bytes", Number(checkpoint.input_bytes));
  json.Set("input_digest", Value(checkpoint.input_digest));
  json.Set("position", std::move(position));
  return files->WriteAtomically(path, engine::ToJson(json) + "\n");
}

void AckTracker::Done(uint64_t batch, const ReadPosition& end) {
  waiting_.insert({batch, end});
  while (!waiting_.empty() && waiting_.begin()->batch == next_) {
    watermark_ = waiting_.begin()->end;
    waiting_.erase(waiting_.begin());
    ++next_;
  }
}

}  // namespace lineal::cli
