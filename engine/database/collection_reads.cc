#include "engine/database/collection_reads.h"

#include "base/status.h"

namespace lineal::engine {
namespace {

constexpr uint32_t kRowsPerDeadlineCheck = 1024;

}  // namespace

absl::StatusOr<CollectionReads> CollectionReads::Make(std::vector<std::unique_ptr<ShardView>> views,
                                                      const Filter& filter, const Deadline& deadline) {
  CollectionReads reads;
  const std::map<std::string, FieldSchema>* fields = views.empty() ? nullptr : &views.front()->schema().field_schemas;
  LINEAL_ASSIGN_OR_RETURN(reads.filter_, CompiledFilter::Compile(filter, fields));
  reads.views_ = std::move(views);
  reads.deadline_ = deadline;
  for (const auto& view : reads.views_) {
    for (const Segment* segment : view->segments()) {
      reads.parts_.push_back(
          Part{view.get(), std::make_unique<SegmentRead>(*segment, view->at(), reads.filter_.get(), *view)});
    }
  }
  LINEAL_RETURN_IF_ERROR(reads.status());
  return reads;
}

uint64_t CollectionReads::rows_max() const {
  uint64_t rows = 0;
  for (const Part& part : parts_) rows += part.read->rows_max();
  return rows;
}

absl::Status CollectionReads::ForEach(const std::function<bool(const FoundRow&)>& visit) const {
  uint32_t until_check = kRowsPerDeadlineCheck;
  bool stopped = false;
  bool expired = false;
  for (const Part& part : parts_) {
    part.read->ForEach([&](LocalId local) {
      if (--until_check == 0) {
        until_check = kRowsPerDeadlineCheck;
        expired = deadline_.Expired();
      }
      stopped = expired || !visit(FoundRow{part.view, RowPlace{&part.read->segment(), local}});
      return !stopped;
    });
    if (stopped) break;
  }
  return status();
}

bool CollectionReads::Passes(const ShardView& view, const RowPlace& place) const {
  for (const Part& part : parts_) {
    if (part.view == &view && &part.read->segment() == place.segment) return part.read->Passes(place.local);
  }
  return false;
}

absl::Status CollectionReads::status() const {
  LINEAL_RETURN_IF_ERROR(deadline_.Check());
  for (const auto& view : views_) LINEAL_RETURN_IF_ERROR(view->status());
  return absl::OkStatus();
}

}  // namespace lineal::engine
