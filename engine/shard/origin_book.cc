#include "engine/shard/origin_book.h"

#include <algorithm>

#include "base/coding.h"
#include "base/status.h"

namespace lineal::engine {
namespace {

constexpr char kSourcesKey[] = "origin_sources";

absl::Status Broken(std::string_view key) { return DataLoss("origin key ", HexOf(key), " has a value that is none"); }

std::string Numbered(uint64_t number) {
  std::string bytes;
  PutVarint(&bytes, number);
  return bytes;
}

}  // namespace

absl::Status OriginBook::Load(const storage::ShardStore& store) {
  absl::Status failure;
  const std::string contexts = ContextNumberKey("").substr(0, 1);
  LINEAL_RETURN_IF_ERROR(store.ScanOrigins(contexts, [&](std::string_view key, std::string_view value) {
    if (!key.starts_with(contexts)) return false;
    Reader reader(value);
    const auto number = static_cast<uint32_t>(reader.Varint());
    if (!reader.ok()) failure = Broken(key);
    context_numbers_[std::string(key)] = number;
    contexts_ = std::max(contexts_, number);
    return reader.ok();
  }));
  LINEAL_RETURN_IF_ERROR(failure);
  LINEAL_RETURN_IF_ERROR(
      store.ScanOrigins({&kContextPointsPrefix, 1}, [&](std::string_view key, std::string_view value) {
        if (!key.starts_with(kContextPointsPrefix)) return false;
        Reader reader(value);
        living_[NumberAtEnd(key)] = static_cast<int64_t>(reader.Varint());
        if (!reader.ok()) failure = Broken(key);
        return reader.ok();
      }));
  LINEAL_RETURN_IF_ERROR(failure);
  LINEAL_ASSIGN_OR_RETURN(std::optional<std::string> sources, store.GetMeta(kSourcesKey));
  if (sources) {
    Reader reader(*sources);
    sources_ = static_cast<uint32_t>(reader.Varint());
    if (!reader.ok()) return Broken(kSourcesKey);
  }
  return absl::OkStatus();
}

absl::StatusOr<uint32_t> OriginBook::Draft::NumberOf(const IngestContext& context) {
  static const IngestContext kNothing;
  if (context == kNothing) return 0;
  std::string encoded = EncodeContext(context);
  const std::string key = ContextNumberKey(encoded);
  if (const auto it = book_->context_numbers_.find(key); it != book_->context_numbers_.end()) return it->second;
  const auto next = static_cast<uint32_t>(book_->contexts_ + contexts_.size() + 1);
  return contexts_.try_emplace(key, Named{next, std::move(encoded)}).first->second.number;
}

absl::StatusOr<uint32_t> OriginBook::Draft::NumberOf(const SourceVersion& source) {
  std::string encoded = EncodeSource(source);
  const std::string key = SourceNumberKey(encoded);
  if (const auto it = sources_.find(key); it != sources_.end()) return it->second.number;
  if (const auto it = known_.find(key); it != known_.end()) return it->second;
  LINEAL_ASSIGN_OR_RETURN(const auto stored, store_->GetOrigins({&key, 1}));
  if (stored[0]) {
    Reader reader(*stored[0]);
    const auto number = static_cast<uint32_t>(reader.Varint());
    if (!reader.ok()) return Broken(key);
    known_[key] = number;
    return number;
  }
  const auto next = static_cast<uint32_t>(book_->sources_ + sources_.size() + 1);
  names_[SourceVersionKey(source, next)];
  sources_.emplace(key, Named{next, std::move(encoded)});
  return next;
}

void OriginBook::Draft::WriteTo(storage::StoreBatch* batch) const {
  for (const auto& [key, named] : contexts_) {
    batch->PutOrigin(key, Numbered(named.number));
    batch->PutOrigin(ContextKey(named.number), named.encoded);
  }
  for (const auto& [key, named] : sources_) {
    batch->PutOrigin(key, Numbered(named.number));
    batch->PutOrigin(SourceKey(named.number), named.encoded);
  }
  for (const auto& [key, nothing] : names_) batch->PutOrigin(key, nothing);
  if (!sources_.empty()) batch->PutMeta(kSourcesKey, Numbered(book_->sources_ + sources_.size()));
  for (const auto& [context, points] : living_) {
    const auto before = book_->living_.find(context);
    const int64_t now = (before == book_->living_.end() ? 0 : before->second) + points;
    batch->PutOrigin(ContextPointsKey(context), Numbered(static_cast<uint64_t>(std::max<int64_t>(now, 0))));
  }
}

void OriginBook::Accept(const Draft& draft) {
  for (const auto& [key, named] : draft.contexts_) {
    context_numbers_[key] = named.number;
    contexts_ = std::max(contexts_, named.number);
  }
  sources_ += static_cast<uint32_t>(draft.sources_.size());
  for (const auto& [context, points] : draft.living_) living_[context] += points;
}

}  // namespace lineal::engine
