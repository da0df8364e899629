// Versions of a collection: making them, naming them, finding what a name means.
#include <algorithm>
#include <charconv>

#include "base/status.h"
#include "engine/database/local_call.h"
#include "engine/database/local_collection.h"

namespace lineal::engine {
namespace {

constexpr size_t kMessageBytesMax = 4'096;
// Of those that no tag names and that are no longer readable, so many are remembered.
constexpr size_t kUnreadableKept = 1'000;
constexpr int64_t kMicrosAMs = 1'000;

std::optional<uint64_t> NumberOf(const std::string& text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

absl::StatusOr<std::vector<Seq>> LocalCollection::SeqsOf(const std::string& as_of) const {
  std::optional<Revision> revision;
  if (const auto number = NumberOf(as_of)) {
    revision = revisions_->Find(*number);
    if (!revision) return NotFound("collection `", name_, "` has no revision ", *number);
  } else if (const auto micros = ParseDatetime(as_of)) {
    std::vector<Seq> seqs;
    for (const auto& shard : shards_) {
      LINEAL_ASSIGN_OR_RETURN(const Seq seq, shard->SeqAt(*micros / kMicrosAMs));
      seqs.push_back(seq);
    }
    return seqs;
  } else {
    revision = revisions_->FindTag(as_of);
    if (!revision) return NotFound("collection `", name_, "` has no tag `", as_of.substr(0, 128), "`");
  }
  if (!Readable(*revision)) {
    return OutOfRange("revision ", revision->number, " of collection `", name_,
                      "` is older than the history window, and no tag keeps it");
  }
  return revision->seqs;
}

bool LocalCollection::Readable(const Revision& revision) const {
  if (revision.seqs.size() != shards_.size()) return false;
  for (size_t i = 0; i < shards_.size(); ++i) {
    if (revision.seqs[i] < shards_[i]->floor()) return false;
  }
  return true;
}

uint64_t LocalCollection::Redacted(const Revision& revision) const {
  uint64_t rows = 0;
  for (size_t i = 0; i < std::min(shards_.size(), revision.seqs.size()); ++i) {
    rows += shards_[i]->redacted().At(revision.seqs[i]);
  }
  return rows;
}

absl::Status LocalCollection::Pin(const Revision& revision) {
  size_t pinned = 0;
  if (revision.seqs.size() == shards_.size()) {
    while (pinned < shards_.size() && shards_[pinned]->Pin(revision.seqs[pinned])) ++pinned;
    if (pinned == shards_.size()) return absl::OkStatus();
  }
  for (size_t i = 0; i < pinned; ++i) shards_[i]->Unpin(revision.seqs[i]);
  return OutOfRange("revision ", revision.number, " of collection `", name_, "` is older than the history window");
}

void LocalCollection::Unpin(const Revision& revision) {
  for (size_t i = 0; i < shards_.size(); ++i) shards_[i]->Unpin(revision.seqs[i]);
}

absl::StatusOr<Revision> LocalCollection::MarkShards(const std::string& message, const std::string& author) {
  WriteGate::Closed closed(&gate_);
  return MarkClosedShards(message, author);
}

absl::StatusOr<Revision> LocalCollection::MarkClosedShards(const std::string& message, const std::string& author) {
  if (message.size() > kMessageBytesMax) {
    return InvalidArgument("message has ", message.size(), " bytes, the limit is ", kMessageBytesMax);
  }
  Revision revision;
  revision.number = revisions_->next_number();
  revision.message = message;
  revision.author = author;
  std::vector<absl::StatusOr<Shard::Written>> written(shards_.size(), absl::UnknownError(""));
  ShardOps ops;
  ops.ops.push_back(MarkOp{revision.number});
  storage::EntryDraft draft;
  draft.body = EncodeOps(ops);
  draft.principal = author;
  draft.frees_space = true;  // it takes next to none
  executor_->ParallelFor(shards_.size(), [&](size_t i) { written[i] = shards_[i]->Write(draft); });
  for (const auto& shard : shards_) revision.points += shard->live_points();
  for (const auto& one : written) {
    LINEAL_RETURN_IF_ERROR(one.status());
    revision.seqs.push_back(one->seq);
  }
  revision.created_ms = shards_.front()->environment().clock->WallMs();
  return revision;
}

absl::Status LocalCollection::ForgetOldRevisions() {
  std::vector<uint64_t> forgotten;
  size_t unreadable = 0;
  for (const Revision& revision : revisions_->List(UINT64_MAX)) {
    if (!revision.tags.empty() || Readable(revision)) continue;
    if (++unreadable > kUnreadableKept) forgotten.push_back(revision.number);
  }
  return revisions_->RemoveRevisions(forgotten);
}

absl::StatusOr<Revision> LocalCollection::MakeRevision(const std::string& message, const std::string& author) {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  std::lock_guard lock(revision_mutex_);
  LINEAL_ASSIGN_OR_RETURN(Revision revision, MarkShards(message, author));
  LINEAL_RETURN_IF_ERROR(revisions_->Add(&revision, nullptr, revision.number, author));
  LINEAL_RETURN_IF_ERROR(ForgetOldRevisions());
  revision.readable = true;
  return revision;
}

absl::StatusOr<std::vector<Revision>> LocalCollection::Revisions(uint64_t limit) {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  std::vector<Revision> list = revisions_->List(limit);
  for (Revision& revision : list) {
    revision.readable = Readable(revision);
    revision.redacted = Redacted(revision);
  }
  return list;
}

absl::StatusOr<Revision> LocalCollection::Tag(const std::string& tag, uint64_t number, const std::string& author) {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  LINEAL_RETURN_IF_ERROR(ValidateTagName(tag));
  std::lock_guard lock(revision_mutex_);
  if (const auto there = revisions_->FindTag(tag)) {
    return AlreadyExists("tag `", tag, "` names revision ", there->number, " of collection `", name_,
                         "`, and tags do not move");
  }
  Revision revision;
  if (number == 0) {
    LINEAL_ASSIGN_OR_RETURN(revision, MarkShards("", author));
  } else {
    const auto found = revisions_->Find(number);
    if (!found) return NotFound("collection `", name_, "` has no revision ", number);
    revision = *found;
  }
  // Kept from here on, so that it cannot go between the look at it and the name.
  LINEAL_RETURN_IF_ERROR(Pin(revision));
  if (absl::Status added = revisions_->Add(number == 0 ? &revision : nullptr, &tag, revision.number, author);
      !added.ok()) {
    Unpin(revision);
    return added;
  }
  pinned_.insert(tag);
  revision.tags.push_back(tag);
  revision.readable = true;
  return revision;
}

absl::StatusOr<bool> LocalCollection::Untag(const std::string& tag, const std::string& author) {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  std::lock_guard lock(revision_mutex_);
  const auto revision = revisions_->FindTag(tag);
  if (!revision) return false;
  if (held_.contains(tag)) return Conflict("an alias names tag `", tag, "`: move it first");
  LINEAL_RETURN_IF_ERROR(revisions_->RemoveTag(tag, author));
  if (pinned_.erase(tag) > 0) Unpin(*revision);
  return true;
}

absl::Status LocalCollection::HoldTag(const std::string& tag) {
  std::lock_guard lock(revision_mutex_);
  if (!revisions_->FindTag(tag)) return NotFound("collection `", name_, "` has no tag `", tag, "`");
  held_.insert(tag);
  return absl::OkStatus();
}

void LocalCollection::ReleaseTag(const std::string& tag) {
  std::lock_guard lock(revision_mutex_);
  if (const auto held = held_.find(tag); held != held_.end()) held_.erase(held);
}

}  // namespace lineal::engine
