// Reads that do not rank by distance: by id, page by page, counted.
#include <algorithm>
#include <set>

#include "absl/container/flat_hash_set.h"
#include "base/status.h"
#include "engine/database/collection_reads.h"
#include "engine/database/local_call.h"
#include "engine/database/local_collection.h"
#include "engine/database/ordered_scroll.h"
#include "engine/database/write_plan.h"

namespace lineal::engine {

absl::StatusOr<std::vector<PointRecord>> LocalCollection::Retrieve(const RetrieveRequest& request) {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  LINEAL_ASSIGN_OR_RETURN(auto views, Views(request.read));
  std::vector<PointRecord> records;
  absl::flat_hash_set<PointId> seen;
  for (const PointId& id : request.ids) {
    if (!seen.insert(id).second) continue;
    LINEAL_RETURN_IF_ERROR(request.read.deadline.Check());
    const ShardView& view = *views[ShardOf(id, static_cast<uint32_t>(views.size()))];
    std::optional<RowPlace> place = view.FindPoint(id);
    LINEAL_RETURN_IF_ERROR(view.status());
    if (!place) continue;
    LINEAL_ASSIGN_OR_RETURN(PointRecord record, RecordOf(view, *place, request.with_payload, request.with_vector));
    records.push_back(std::move(record));
    LINEAL_RETURN_IF_ERROR(view.status());
  }
  return records;
}

absl::StatusOr<uint64_t> LocalCollection::Count(const CountRequest& request) {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  if (request.filter.empty() && request.read.as_of_seq.empty() && request.read.as_of.empty()) {
    uint64_t points = 0;
    for (const auto& shard : shards_) points += shard->live_points();
    return points;
  }
  LINEAL_ASSIGN_OR_RETURN(auto views, Views(request.read));
  LINEAL_ASSIGN_OR_RETURN(CollectionReads reads,
                          CollectionReads::Make(std::move(views), request.filter, request.read.deadline));
  uint64_t points = 0;
  LINEAL_RETURN_IF_ERROR(reads.ForEach([&](const FoundRow&) {
    ++points;
    return true;
  }));
  return points;
}

namespace {

using FoundById = std::pair<PointId, FoundRow>;

// Few rows pass: they are collected and the first page of them kept.
absl::Status PageFromMatches(const CollectionReads& reads, const PointId& from, size_t wanted,
                             std::vector<FoundById>* page) {
  auto by_id = [](const FoundById& a, const FoundById& b) { return a.first < b.first; };
  LINEAL_RETURN_IF_ERROR(reads.ForEach([&](const FoundRow& row) {
    const PointId id = row.point();
    if (id < from) return true;
    if (page->size() == wanted) {
      if (!(id < page->front().first)) return true;
      std::pop_heap(page->begin(), page->end(), by_id);
      page->pop_back();
    }
    page->emplace_back(id, row);
    std::push_heap(page->begin(), page->end(), by_id);
    return true;
  }));
  std::sort_heap(page->begin(), page->end(), by_id);
  return absl::OkStatus();
}

// Most rows pass: the shards' points are walked in id order.
absl::Status PageInIdOrder(const CollectionReads& reads, const PointId& from, size_t wanted, const Deadline& deadline,
                           std::vector<FoundById>* page) {
  for (const auto& view : reads.views()) {
    size_t taken = 0;
    std::unique_ptr<storage::PidCursor> cursor = view->store().NewPidCursor();
    for (cursor->Seek(from); cursor->Valid() && taken < wanted; cursor->Next()) {
      if (taken % 256 == 255) LINEAL_RETURN_IF_ERROR(deadline.Check());
      std::optional<RowPlace> place = view->Resolve(cursor->entry());
      if (!place || !reads.Passes(*view, *place)) continue;
      page->emplace_back(cursor->id(), FoundRow{view.get(), *place});
      ++taken;
    }
    LINEAL_RETURN_IF_ERROR(cursor->status());
  }
  std::sort(page->begin(), page->end(), [](const FoundById& a, const FoundById& b) { return a.first < b.first; });
  if (page->size() > wanted) page->resize(wanted);
  return absl::OkStatus();
}

// Above this share of rows that may pass, walking in id order reads fewer rows than collecting.
constexpr uint64_t kMatchesWorthCollecting = 20'000;

}  // namespace

absl::StatusOr<ScrollPage> LocalCollection::Scroll(const ScrollRequest& request) {
  LocalCall call(&calls_, name_);
  LINEAL_RETURN_IF_ERROR(call.status());
  LINEAL_ASSIGN_OR_RETURN(auto views, Views(request.read));
  const std::shared_ptr<const TableSchema> schema = shards_.front()->schema();
  LINEAL_ASSIGN_OR_RETURN(CollectionReads reads,
                          CollectionReads::Make(std::move(views), request.filter, request.read.deadline));
  ScrollPage page;
  if (request.order_by) {
    if (request.offset) return InvalidArgument("offset cannot be used with order_by; use order_by.start_from");
    LINEAL_ASSIGN_OR_RETURN(std::vector<OrderedRow> rows, OrderRows(reads, *schema, *request.order_by, request.limit));
    for (OrderedRow& row : rows) {
      LINEAL_ASSIGN_OR_RETURN(PointRecord record,
                              RecordOf(*row.row.view, row.row.place, request.with_payload, request.with_vector));
      record.order_value = std::move(row.value);
      page.points.push_back(std::move(record));
    }
    LINEAL_RETURN_IF_ERROR(reads.status());
    return page;
  }
  const uint64_t rows_max = reads.rows_max();
  const auto wanted = static_cast<size_t>(std::min<uint64_t>(request.limit, rows_max)) + 1;
  const PointId from = request.offset.value_or(PointId());
  std::vector<FoundById> found;
  if (!reads.passes_all() && rows_max <= kMatchesWorthCollecting) {
    LINEAL_RETURN_IF_ERROR(PageFromMatches(reads, from, wanted, &found));
  } else {
    LINEAL_RETURN_IF_ERROR(PageInIdOrder(reads, from, wanted, request.read.deadline, &found));
  }
  LINEAL_RETURN_IF_ERROR(reads.status());
  for (const auto& [id, row] : found) {
    if (page.points.size() == request.limit) {
      page.next_offset = id;
      break;
    }
    LINEAL_ASSIGN_OR_RETURN(PointRecord record,
                            RecordOf(*row.view, row.place, request.with_payload, request.with_vector));
    page.points.push_back(std::move(record));
  }
  LINEAL_RETURN_IF_ERROR(reads.status());
  return page;
}

}  // namespace lineal::engine
