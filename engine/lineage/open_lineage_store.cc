#include "engine/lineage/open_lineage_store.h"

#include <algorithm>
#include <set>

#include "base/coding.h"
#include "base/log.h"
#include "base/status.h"
#include "engine/lineage/open_lineage_graph.h"
#include "engine/lineage/open_lineage_keys.h"
#include "engine/lineage/record_members.h"
#include "engine/payload/codec.h"

namespace lineal::engine {
namespace {

using Change = storage::MetaStore::Change;

constexpr char kRawFormat = 1;
constexpr int64_t kRejectsMax = 1'000;
constexpr size_t kRejectBodyMax = 16 << 10;
constexpr size_t kExpiredAtOnce = 16;
constexpr size_t kIdBytes = 64;

std::string InboxKey(int64_t received_ms, std::string_view id) {
  return OpenLineagePrefix("inbox").append(NewestFirstKey(received_ms)).append(id);
}
std::string DueKey(int64_t received_ms, std::string_view id) {
  return OpenLineagePrefix("due").append(TimeKey(received_ms)).append(id);
}
std::string EventKey(std::string_view id) { return OpenLineagePrefix("event").append(id); }

std::string RejectKey(int64_t number) { return OpenLineagePrefix("reject").append(TimeKey(number % kRejectsMax)); }
std::string RejectCountKey() { return OpenLineagePrefix("reject_count"); }

std::string EncodeInfo(const LineageEvent& event, size_t bytes) {
  const LineageNodeId& subject = event.job ? event.job->id : event.dataset->id;
  Value root = Value::EmptyObject();
  root.Set("kind", Value(std::string(event.kind())));
  root.Set("type", Value(event.type));
  root.Set("time", Value(event.time));
  root.Set("run", Value(event.run ? event.run->id.name : std::string()));
  root.Set("namespace", Value(subject.name_space));
  root.Set("name", Value(subject.name));
  root.Set("bytes", Value(static_cast<int64_t>(bytes)));
  return EncodePayload(root);
}

absl::StatusOr<LineageEventInfo> DecodeInfo(std::string_view key, std::string_view bytes) {
  LINEAL_ASSIGN_OR_RETURN(const Value root, DecodePayload(bytes));
  LineageEventInfo info;
  info.received_ms = WallMsOfNewestFirst(key);
  info.id = std::string(key.substr(std::min<size_t>(8, key.size())));
  info.kind = TextMember(root, "kind");
  info.type = TextMember(root, "type");
  info.time = TextMember(root, "time");
  info.run = TextMember(root, "run");
  info.subject.kind = info.kind == "dataset" ? LineageNodeId::Kind::kDataset : LineageNodeId::Kind::kJob;
  info.subject.name_space = TextMember(root, "namespace");
  info.subject.name = TextMember(root, "name");
  info.bytes = static_cast<uint64_t>(NumberMember(root, "bytes"));
  return info;
}

}  // namespace

absl::Status LocalOpenLineage::AddRejects(const std::vector<LineageReject>& rejects, Changes* changes) {
  if (rejects.empty()) return absl::OkStatus();
  LINEAL_ASSIGN_OR_RETURN(const std::optional<std::string> bytes, meta_->Get(RejectCountKey()));
  int64_t count = 0;
  if (bytes) {
    LINEAL_ASSIGN_OR_RETURN(const Value had, DecodePayload(*bytes));
    count = NumberMember(had, "count");
  }
  for (const LineageReject& reject : rejects) {
    Value record = Value::EmptyObject();
    record.Set("number", Value(count));
    record.Set("received_ms", Value(clock_->WallMs()));
    record.Set("reason", Value(reject.reason));
    record.Set("event", Value(reject.event));
    record.Set("body", Value(reject.body.substr(0, kRejectBodyMax)));
    changes->push_back({RejectKey(count++), EncodePayload(record)});
  }
  Value record = Value::EmptyObject();
  record.Set("count", Value(count));
  changes->push_back({RejectCountKey(), EncodePayload(record)});
  return absl::OkStatus();
}

void LocalOpenLineage::NoteRefused(const std::vector<LineageReject>& rejects) {
  Changes changes;
  absl::Status status = AddRejects(rejects, &changes);
  if (status.ok() && !changes.empty()) status = meta_->Apply(changes);
  // They are refused all the same.
  if (!status.ok()) Log(LogLevel::kWarning, "a reject was not kept", {{"error", std::string(MessageOf(status))}});
}

absl::Status LocalOpenLineage::RemoveExpired() {
  if (options_.retention_s == 0) return absl::OkStatus();
  const std::string prefix = OpenLineagePrefix("due");
  const std::string kept_from = TimeKey(std::max<int64_t>(0, clock_->WallMs() - options_.retention_s * 1'000));
  std::vector<std::string> expired;
  LINEAL_RETURN_IF_ERROR(meta_->Scan(prefix, [&](std::string_view key, std::string_view) {
    const std::string_view due = key.substr(prefix.size());
    if (due.size() != kept_from.size() + kIdBytes || due.substr(0, kept_from.size()) >= kept_from) return false;
    expired.emplace_back(due);
    return expired.size() < kExpiredAtOnce;
  }));
  Changes changes;
  for (const std::string& due : expired) {
    const auto received_ms = static_cast<int64_t>(GetBig64(due.data()));
    const std::string_view id = std::string_view(due).substr(kept_from.size());
    changes.push_back({EventKey(id), std::nullopt});
    changes.push_back({InboxKey(received_ms, id), std::nullopt});
    changes.push_back({DueKey(received_ms, id), std::nullopt});
  }
  // By itself: what removes may use the disk's reserve, and what comes must not.
  return changes.empty() ? absl::OkStatus() : meta_->Apply(changes);
}

absl::Status LocalOpenLineage::Keep(const std::vector<std::pair<const LineageEvent*, std::string_view>>& events,
                                    Changes changes) {
  LineageGraphBatch graph(meta_);
  std::vector<LineageReject> problems;
  std::set<std::string_view> added;
  const int64_t now_ms = clock_->WallMs();
  LINEAL_RETURN_IF_ERROR(RemoveExpired());
  for (const auto& [event, bytes] : events) {
    LINEAL_ASSIGN_OR_RETURN(const std::optional<std::string> had, meta_->Get(EventKey(event->id)));
    if (had || !added.insert(event->id).second) continue;
    LINEAL_RETURN_IF_ERROR(graph.Add(*event));
    for (std::string& reason : graph.TakeProblems()) {
      problems.push_back({.reason = std::move(reason), .event = event->id});
    }
    changes.push_back({EventKey(event->id), StrCat(kRawFormat, bytes)});
    changes.push_back({InboxKey(now_ms, event->id), EncodeInfo(*event, bytes.size())});
    changes.push_back({DueKey(now_ms, event->id), ""});
  }
  LINEAL_RETURN_IF_ERROR(AddRejects(problems, &changes));
  for (Change& change : graph.TakeChanges()) changes.push_back(std::move(change));
  return changes.empty() ? absl::OkStatus() : meta_->Apply(changes);
}

absl::StatusOr<std::string> LocalOpenLineage::Take(std::string_view bytes) {
  const absl::StatusOr<LineageEvent> event = ReadLineageEvent(bytes);
  std::lock_guard lock(mutex_);
  if (!event.ok()) {
    NoteRefused({{.reason = std::string(MessageOf(event.status())), .body = std::string(bytes)}});
    return event.status();
  }
  LINEAL_RETURN_IF_ERROR(Keep({{&*event, bytes}}, {}));
  return event->id;
}

std::vector<absl::Status> LocalOpenLineage::TakeAll(const std::vector<std::string>& events) {
  std::vector<absl::StatusOr<LineageEvent>> read;
  std::vector<LineageReject> refused;
  std::vector<std::pair<const LineageEvent*, std::string_view>> good;
  for (const std::string& bytes : events) read.push_back(ReadLineageEvent(bytes));
  for (size_t i = 0; i < read.size(); ++i) {
    if (read[i].ok()) {
      good.emplace_back(&*read[i], events[i]);
    } else {
      refused.push_back({.reason = std::string(MessageOf(read[i].status())), .body = events[i]});
    }
  }
  std::vector<absl::Status> statuses;
  std::lock_guard lock(mutex_);
  NoteRefused(refused);
  const absl::Status kept = good.empty() ? absl::OkStatus() : Keep(good, {});
  for (const auto& event : read) statuses.push_back(event.ok() ? kept : event.status());
  return statuses;
}

absl::StatusOr<std::vector<LineageEventInfo>> LocalOpenLineage::Events(uint64_t limit, uint64_t offset) {
  const std::string prefix = OpenLineagePrefix("inbox");
  std::vector<LineageEventInfo> events;
  absl::Status problem;
  LINEAL_RETURN_IF_ERROR(meta_->Scan(prefix, [&](std::string_view key, std::string_view bytes) {
    if (limit == 0) return false;
    if (offset > 0) {
      --offset;
      return true;
    }
    auto info = DecodeInfo(key.substr(prefix.size()), bytes);
    problem = info.status();
    if (!info.ok()) return false;
    events.push_back(*std::move(info));
    return events.size() < limit;
  }));
  LINEAL_RETURN_IF_ERROR(problem);
  return events;
}

absl::StatusOr<std::string> LocalOpenLineage::Event(const std::string& id) {
  LINEAL_ASSIGN_OR_RETURN(std::optional<std::string> bytes, meta_->Get(EventKey(id)));
  if (!bytes) return NotFound("No event with id ", id.substr(0, kIdBytes), " found");
  if (bytes->empty() || bytes->front() != kRawFormat) return DataLoss("event ", id, " has an unknown format");
  bytes->erase(0, 1);
  return *std::move(bytes);
}

absl::StatusOr<std::vector<LineageReject>> LocalOpenLineage::Rejects(uint64_t limit) {
  std::vector<std::pair<int64_t, LineageReject>> all;
  absl::Status problem;
  LINEAL_RETURN_IF_ERROR(meta_->List(OpenLineagePrefix("reject"), [&](std::string_view, std::string_view bytes) {
    const absl::StatusOr<Value> record = DecodePayload(bytes);
    if (!record.ok()) {
      problem = record.status();
      return;
    }
    all.emplace_back(NumberMember(*record, "number"), LineageReject{.received_ms = NumberMember(*record, "received_ms"),
                                                                    .reason = TextMember(*record, "reason"),
                                                                    .event = TextMember(*record, "event"),
                                                                    .body = TextMember(*record, "body")});
  }));
  LINEAL_RETURN_IF_ERROR(problem);
  std::ranges::sort(all, std::greater(), [](const auto& one) { return one.first; });
  std::vector<LineageReject> rejects;
  for (auto& one : all) {
    if (rejects.size() == limit) break;
    rejects.push_back(std::move(one.second));
  }
  return rejects;
}

absl::Status LocalOpenLineage::NoteSession(const IngestSession& session,
                                           const std::vector<WrittenCollection>& written) {
  const std::string prefix = OpenLineagePrefix("session") + session.id + "/";
  std::vector<std::string> texts = {StartEventOf(session, options_.names)};
  if (session.state != SessionState::kOpen) texts.push_back(EndEventOf(session, written, options_.names));
  Changes changes;
  std::vector<LineageEvent> events(texts.size());
  std::vector<std::pair<const LineageEvent*, std::string_view>> kept;
  for (size_t i = 0; i < texts.size(); ++i) {
    LINEAL_ASSIGN_OR_RETURN(events[i], ReadLineageEvent(texts[i]));
    kept.emplace_back(&events[i], texts[i]);
    changes.push_back({StrCat(prefix, i), texts[i]});
  }
  std::lock_guard lock(mutex_);
  return Keep(kept, std::move(changes));
}

absl::StatusOr<std::vector<std::string>> LocalOpenLineage::EventsOfSession(const std::string& session) {
  std::vector<std::string> events;
  LINEAL_RETURN_IF_ERROR(meta_->List(OpenLineagePrefix("session") + session + "/",
                                     [&](std::string_view, std::string_view bytes) { events.emplace_back(bytes); }));
  return events;
}

}  // namespace lineal::engine
