#include "engine/database/verify_origins.h"

#include <map>
#include <set>

#include "base/coding.h"
#include "base/hash.h"
#include "base/status.h"
#include "engine/shard/origin_record.h"
#include "engine/shard/shard.h"

namespace lineal::engine {
namespace {

constexpr size_t kTogether = 1'000;

class OriginCheck {
 public:
  OriginCheck(const storage::ShardStore& store, const std::function<void(const std::string&)>& problem)
      : store_(store), problem_(problem) {}

  absl::Status Run() {
    LINEAL_RETURN_IF_ERROR(CheckNumbers());
    LINEAL_RETURN_IF_ERROR(CheckRecords());
    LINEAL_RETURN_IF_ERROR(CheckRows());
    LINEAL_RETURN_IF_ERROR(CheckIndex(ContextRowsKey(0)[0], "context", &OriginRecord::context));
    LINEAL_RETURN_IF_ERROR(CheckIndex(SourceRowsKey(0)[0], "source", &OriginRecord::source));
    return CheckCounts();
  }

 private:
  // Keys that begin with `prefix`.
  absl::Status Walk(char prefix, const std::function<void(std::string_view, std::string_view)>& visit) {
    return store_.ScanOrigins({&prefix, 1}, [&](std::string_view key, std::string_view value) {
      if (!key.starts_with(prefix)) return false;
      visit(key, value);
      return true;
    });
  }

  absl::Status CheckNumbers() {
    contexts_.insert(0), sources_.insert(0);
    LINEAL_RETURN_IF_ERROR(Walk(ContextKey(0)[0], [this](std::string_view key, std::string_view value) {
      if (!DecodeContext(value)) problem_(StrCat("origin key ", HexOf(key), ": it cannot be read"));
      contexts_.insert(NumberAtEnd(key));
    }));
    return Walk(SourceKey(0)[0], [this](std::string_view key, std::string_view value) {
      if (!DecodeSource(value)) problem_(StrCat("origin key ", HexOf(key), ": it cannot be read"));
      sources_.insert(NumberAtEnd(key));
    });
  }

  absl::Status CheckRecords() {
    std::vector<RowId> rows;
    absl::Status failure;
    const auto check_rows = [&] {
      const auto found = store_.GetRows(rows);
      if (!found.ok()) failure.Update(found.status());
      for (size_t i = 0; found.ok() && i < rows.size(); ++i) {
        if (!(*found)[i]) problem_(StrCat("row ", Raw(rows[i]), " has an origin and is not there"));
      }
      rows.clear();
    };
    LINEAL_RETURN_IF_ERROR(Walk(OriginKey(RowId{0})[0], [&](std::string_view key, std::string_view value) {
      const auto place = PlaceOfOriginKey(key);
      const auto record = DecodeOrigin(value);
      if (!place || !record) return problem_(StrCat("origin key ", HexOf(key), ": it cannot be read"));
      if (!contexts_.contains(record->context) || !sources_.contains(record->source)) {
        problem_(StrCat("the origin of row ", Raw(place->row), " names a context or a source that is not there"));
      }
      if (place->changed != kNoSeq) return;
      records_[place->row] = *record;
      rows.push_back(place->row);
      if (rows.size() == kTogether) check_rows();
    }));
    check_rows();
    return failure;
  }

  absl::Status CheckRows() {
    LINEAL_ASSIGN_OR_RETURN(const auto from, store_.GetMeta(kOriginsFromKey));
    const RowId first{from && from->size() == 8 ? LoadFixed<uint64_t>(from->data()) : 0};
    return store_.ScanRows(first, [this](RowId row, std::string_view) {
      if (!records_.contains(row)) problem_(StrCat("row ", Raw(row), " has no origin"));
      return true;
    });
  }

  absl::Status CheckIndex(char prefix, std::string_view what, uint32_t OriginRecord::*number) {
    std::set<RowId> listed;
    LINEAL_RETURN_IF_ERROR(Walk(prefix, [&](std::string_view key, std::string_view) {
      const RowId row = RowAtEnd(key);
      const auto record = records_.find(row);
      if (record == records_.end() || record->second.*number != NumberAtEnd(key.substr(0, 5))) {
        problem_(StrCat("row ", Raw(row), " is listed under a ", what, " that it does not name"));
      }
      listed.insert(row);
    }));
    for (const auto& [row, record] : records_) {
      if (record.*number != 0 && !listed.contains(row)) {
        problem_(StrCat("row ", Raw(row), " is not listed under its ", what));
      }
    }
    return absl::OkStatus();
  }

  absl::Status CheckCounts() {
    std::map<uint32_t, uint64_t> living;
    const auto cursor = store_.NewPidCursor();
    for (cursor->SeekToFirst(); cursor->Valid(); cursor->Next()) {
      const storage::PidEntry entry = cursor->entry();
      if (!entry.alive()) continue;
      const auto record = records_.find(entry.row);
      if (record != records_.end()) ++living[record->second.context];
    }
    LINEAL_RETURN_IF_ERROR(cursor->status());
    LINEAL_RETURN_IF_ERROR(Walk(kContextPointsPrefix, [&](std::string_view key, std::string_view value) {
      Reader reader(value);
      const uint64_t said = reader.Varint();
      const uint32_t context = NumberAtEnd(key);
      // Points from before there were origins leave that of nothing without having come to it.
      if (context != 0 && said != living[context]) {
        problem_(StrCat("context ", context, " is said to have ", said, " living points, it has ", living[context]));
      }
      living.erase(context);
    }));
    for (const auto& [context, points] : living) {
      if (context != 0) problem_(StrCat("context ", context, " has ", points, " living points that nobody counted"));
    }
    return absl::OkStatus();
  }

  const storage::ShardStore& store_;
  const std::function<void(const std::string&)>& problem_;
  std::set<uint32_t> contexts_, sources_;
  std::map<RowId, OriginRecord> records_;
};

}  // namespace

absl::Status VerifyOrigins(const storage::ShardStore& store, const std::function<void(const std::string&)>& problem) {
  return OriginCheck(store, problem).Run();
}

}  // namespace lineal::engine
