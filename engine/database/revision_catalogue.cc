#include "engine/database/revision_catalogue.h"

#include <mutex>

#include "base/coding.h"
#include "base/status.h"

namespace lineal::engine {
namespace {

constexpr uint8_t kFormat = 1;

std::string PrefixOf(ShardId shard) {
  std::string key = "version/";
  PutBig32(&key, Raw(shard));
  return key + "/";
}

std::string Encode(const Revision& revision) {
  std::string out;
  PutFixed(&out, kFormat);
  PutFixed(&out, revision.created_ms);
  PutString(&out, revision.message);
  PutString(&out, revision.author);
  PutVarint(&out, revision.points);
  PutVarint(&out, revision.seqs.size());
  for (Seq seq : revision.seqs) PutVarint(&out, Raw(seq));
  return out;
}

std::optional<Revision> Decode(uint64_t number, std::string_view bytes) {
  Reader reader(bytes);
  if (reader.Fixed<uint8_t>() != kFormat) return std::nullopt;
  Revision revision;
  revision.number = number;
  revision.created_ms = reader.Fixed<int64_t>();
  revision.message = std::string(reader.String());
  revision.author = std::string(reader.String());
  revision.points = reader.Varint();
  const uint64_t shards = reader.Varint();
  for (uint64_t i = 0; i < shards && reader.ok(); ++i) revision.seqs.push_back(Seq{reader.Varint()});
  if (!reader.ok() || !reader.AtEnd()) return std::nullopt;
  return revision;
}

Value RevisionNumber(uint64_t number) {
  Value body = Value::EmptyObject();
  body.Set("revision", Value::Unsigned(number));
  return body;
}

Value BodyOf(const Revision& revision) {
  Value body = RevisionNumber(revision.number);
  body.Set("message", Value(revision.message));
  body.Set("points", Value::Unsigned(revision.points));
  Value::Array seqs;
  for (const Seq seq : revision.seqs) seqs.push_back(Value::Unsigned(Raw(seq)));
  body.Set("as_of_seq", Value(std::move(seqs)));
  return body;
}

}  // namespace

absl::StatusOr<std::unique_ptr<RevisionCatalogue>> RevisionCatalogue::Load(storage::MetaStore* meta, AuditLog* log,
                                                                           const std::string& collection,
                                                                           ShardId first_shard) {
  std::unique_ptr<RevisionCatalogue> catalogue(new RevisionCatalogue(log, collection, PrefixOf(first_shard)));
  absl::Status damaged;
  const std::string revisions = catalogue->prefix_ + "r/", tags = catalogue->prefix_ + "t/";
  LINEAL_RETURN_IF_ERROR(meta->List(revisions, [&](std::string_view key, std::string_view value) {
    key.remove_prefix(revisions.size());
    std::optional<Revision> revision;
    if (key.size() == 8) revision = Decode(GetBig64(key.data()), value);
    if (!revision) {
      damaged = DataLoss("catalogue: revision ", key.size() == 8 ? GetBig64(key.data()) : 0, " cannot be read");
      return;
    }
    catalogue->greatest_ = std::max(catalogue->greatest_, revision->number);
    catalogue->revisions_.emplace(revision->number, *std::move(revision));
  }));
  LINEAL_RETURN_IF_ERROR(meta->List(tags, [&](std::string_view key, std::string_view value) {
    key.remove_prefix(tags.size());
    Reader reader(value);
    const uint64_t number = reader.Varint();
    if (!reader.ok() || !catalogue->revisions_.contains(number)) {
      damaged = DataLoss("catalogue: tag ", key, " names a revision that is not there");
      return;
    }
    catalogue->tags_.emplace(key, number);
  }));
  LINEAL_RETURN_IF_ERROR(damaged);
  return catalogue;
}

absl::StatusOr<std::vector<storage::MetaStore::Change>> RevisionCatalogue::Removal(storage::MetaStore* meta,
                                                                                   ShardId first_shard) {
  std::vector<storage::MetaStore::Change> changes;
  LINEAL_RETURN_IF_ERROR(meta->List(PrefixOf(first_shard), [&](std::string_view key, std::string_view) {
    changes.push_back({std::string(key), std::nullopt});
  }));
  return changes;
}

std::string RevisionCatalogue::RevisionKey(uint64_t number) const {
  std::string key = prefix_ + "r/";
  PutBig64(&key, number);
  return key;
}

uint64_t RevisionCatalogue::next_number() const {
  std::shared_lock lock(mutex_);
  return greatest_ + 1;
}

Revision RevisionCatalogue::WithTags(Revision revision) const {
  for (const auto& [tag, number] : tags_) {
    if (number == revision.number) revision.tags.push_back(tag);
  }
  return revision;
}

std::vector<Revision> RevisionCatalogue::List(uint64_t limit) const {
  std::shared_lock lock(mutex_);
  std::vector<Revision> list;
  for (auto at = revisions_.rbegin(); at != revisions_.rend() && list.size() < limit; ++at) {
    list.push_back(WithTags(at->second));
  }
  return list;
}

std::optional<Revision> RevisionCatalogue::Find(uint64_t number) const {
  std::shared_lock lock(mutex_);
  const auto at = revisions_.find(number);
  if (at == revisions_.end()) return std::nullopt;
  return WithTags(at->second);
}

std::optional<Revision> RevisionCatalogue::FindTag(const std::string& tag) const {
  std::shared_lock lock(mutex_);
  const auto at = tags_.find(tag);
  if (at == tags_.end()) return std::nullopt;
  return WithTags(revisions_.at(at->second));
}

std::map<std::string, uint64_t> RevisionCatalogue::tags() const {
  std::shared_lock lock(mutex_);
  return tags_;
}

absl::Status RevisionCatalogue::Add(const Revision* revision, const std::string* tag, uint64_t number,
                                    const std::string& author) {
  std::vector<AuditEntry> entries;
  std::vector<storage::MetaStore::Change> changes;
  if (revision != nullptr) {
    changes.push_back({RevisionKey(revision->number), Encode(*revision)});
    entries.push_back({"revision.make", collection_, author, BodyOf(*revision)});
  }
  std::string value;
  PutVarint(&value, number);
  if (tag != nullptr) {
    changes.push_back({TagKey(*tag), value});
    entries.push_back({"tag.set", StrCat(collection_, "/", *tag), author, RevisionNumber(number)});
  }
  LINEAL_RETURN_IF_ERROR(log_->Commit(entries, std::move(changes)));
  std::unique_lock lock(mutex_);
  if (revision != nullptr) {
    revisions_.emplace(revision->number, *revision);
    greatest_ = std::max(greatest_, revision->number);
  }
  if (tag != nullptr) tags_.emplace(*tag, number);
  return absl::OkStatus();
}

absl::Status RevisionCatalogue::RemoveTag(const std::string& tag, const std::string& author) {
  const AuditEntry entry{"tag.remove", StrCat(collection_, "/", tag), author, Value::EmptyObject()};
  LINEAL_RETURN_IF_ERROR(log_->Commit({entry}, {{TagKey(tag), std::nullopt}}));
  std::unique_lock lock(mutex_);
  tags_.erase(tag);
  return absl::OkStatus();
}

absl::Status RevisionCatalogue::RemoveRevisions(const std::vector<uint64_t>& numbers) {
  if (numbers.empty()) return absl::OkStatus();
  std::vector<storage::MetaStore::Change> changes;
  Value::Array forgotten;
  for (uint64_t number : numbers) {
    changes.push_back({RevisionKey(number), std::nullopt});
    forgotten.push_back(Value::Unsigned(number));
  }
  Value body = Value::EmptyObject();
  body.Set("revisions", Value(std::move(forgotten)));
  LINEAL_RETURN_IF_ERROR(log_->Commit({{"revision.forget", collection_, "", std::move(body)}}, std::move(changes)));
  std::unique_lock lock(mutex_);
  for (uint64_t number : numbers) revisions_.erase(number);
  return absl::OkStatus();
}

}  // namespace lineal::engine
