// What a view can say of where its rows came from.
//
// Threads: any.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "engine/api/read.h"
#include "engine/shard/origin_record.h"
#include "engine/shard/shard_view.h"

namespace lineal::engine {

class OriginRead {
 public:
  explicit OriginRead(const ShardView& view) : view_(view) {}

  // The states of one row that the view can see, the newest first: changes of its payload, and its birth.
  absl::StatusOr<std::vector<PointOrigin>> StatesOf(const RowPlace& place);
  // The origin that the row was born with, or that its last change of payload gave it.
  absl::StatusOr<PointOrigin> Of(const RowPlace& place);

  // By its number.
  absl::StatusOr<IngestContext> Context(uint32_t number);
  // A place in the walk below.
  struct Cursor {
    uint32_t number = 0;  // of the source or context whose rows are walked
    RowId row{0};
  };
  // Visits the living rows that `selector` selects, from `from` on, until it returns false.
  absl::Status ForEach(const OriginSelector& selector, const Cursor& from,
                       const std::function<bool(const RowPlace&, const Cursor&)>& visit);

 private:
  absl::StatusOr<std::optional<PointSource>> Source(const OriginRecord& record);
  absl::StatusOr<PointOrigin> Describe(const OriginRecord& record, Seq version);
  absl::StatusOr<std::vector<uint32_t>> Contexts(const IngestContext& like);
  std::optional<RowPlace> Living(RowId row) const;

  const ShardView& view_;
  std::vector<std::pair<uint32_t, IngestContext>> contexts_;  // read so far
};

// The numbers of the sources that `selector` names.
absl::StatusOr<std::vector<uint32_t>> SourceNumbers(const storage::ShardStore& store, const OriginSelector& selector);
// Of one shard, from what it has applied.
absl::StatusOr<std::vector<ContextCount>> CountByContext(const storage::ShardStore& store);

}  // namespace lineal::engine
