#include "storage/rows/verify_store.h"

#include <optional>

#include "base/status.h"
#include "storage/rows/row_keys.h"
#include "storage/rows/store_database.h"

namespace lineal::storage {
namespace {

class StoreCheck {
 public:
  StoreCheck(StoreDatabase* database, const LogHead& applied, const std::function<void(const std::string&)>& problem)
      : database_(database), applied_(applied), problem_(problem) {}

  void Run() {
    if (absl::Status checked = database_->VerifyChecksums(); !checked.ok()) Report("files", checked);
    CheckRows();
    CheckPayload();
    CheckPids();
    CheckDied();
    CheckChanges();
  }

 private:
  using Check = std::function<void(std::string_view key, std::string_view value)>;

  void Report(std::string_view family, const absl::Status& status) {
    problem_(StrCat(family, ": ", MessageOf(status)));
  }
  void Report(std::string_view family, std::string_view key, std::string_view finding) {
    problem_(StrCat("shard data ", database_->directory(), ", ", family, " key ", HexOf(key), ": ", finding));
  }

  void Walk(Family family, std::string_view name, const Check& check) {
    absl::Status scanned = database_->Scan(family, {}, [&](std::string_view key, std::string_view value) {
      check(key, value);
      return true;
    });
    if (!scanned.ok()) Report(name, scanned);
  }

  bool HasRow(RowId row) {
    absl::StatusOr<std::optional<std::string>> value = database_->Get(Family::kRows, RowKey(row));
    // A value that cannot be read was reported by the walk over the rows.
    return !value.ok() || value->has_value();
  }

  std::optional<Seq> DiedOf(RowId row) {
    absl::StatusOr<std::optional<std::string>> value = database_->Get(Family::kDied, RowKey(row));
    if (!value.ok() || !value->has_value()) return std::nullopt;
    return DecodeDied(**value);
  }

  // Walking reads every blob, whose checksums VerifyChecksums() does not reach.
  void CheckRows() {
    Walk(Family::kRows, "rows", [this](std::string_view key, std::string_view) {
      if (!RowOfKey(key)) Report("rows", key, "it is no row number");
    });
  }

  void CheckPayload() {
    Walk(Family::kPayload, "payload", [this](std::string_view key, std::string_view) {
      std::optional<PayloadPlace> place = PlaceOfPayloadKey(key);
      if (!place) return Report("payload", key, "it is no row number and seq");
      if (place->born > applied_.seq)
        Report("payload", key, StrCat("it is born at ", Raw(place->born), ", ahead of the data"));
    });
  }

  void CheckPids() {
    Walk(Family::kPid, "pid", [this](std::string_view key, std::string_view value) {
      std::optional<PidEntry> entry = DecodePid(value);
      if (!PointId::FromKey(key) || !entry) return Report("pid", key, "it cannot be read");
      if (!entry->alive()) return;
      if (!HasRow(entry->row)) Report("pid", key, StrCat("it lives in row ", Raw(entry->row), ", which is not there"));
      if (std::optional<Seq> died = DiedOf(entry->row)) {
        Report("pid", key, StrCat("it lives in row ", Raw(entry->row), ", which died at ", Raw(*died)));
      }
    });
  }

  void CheckDied() {
    Walk(Family::kDied, "died", [this](std::string_view key, std::string_view value) {
      std::optional<RowId> row = RowOfKey(key);
      std::optional<Seq> died = DecodeDied(value);
      if (!row || !died) return Report("died", key, "it cannot be read");
      if (*died > applied_.seq) Report("died", key, StrCat("it died at ", Raw(*died), ", ahead of the data"));
      if (!HasRow(*row)) Report("died", key, StrCat("row ", Raw(*row), " is not there"));
    });
  }

  void CheckChanges() {
    std::optional<Seq> before;
    std::optional<ChangeRecord> last;
    Walk(Family::kChanges, "chg", [&](std::string_view key, std::string_view value) {
      std::optional<Seq> seq = SeqOfKey(key);
      std::optional<ChangeRecord> change = DecodeChange(value);
      if (!seq || !change) return Report("chg", key, "it cannot be read");
      if (before && *seq != Next(*before))
        Report("chg", key, StrCat("changes from ", Raw(*before) + 1, " on are missing"));
      if (last && change->wall_ms < last->wall_ms) Report("chg", key, "its time is before that of the change before");
      before = seq;
      last = std::move(change);
    });
    if (!before) return;
    if (*before != applied_.seq) {
      Report("chg", SeqKey(*before), StrCat("it is the last change, the data is at ", Raw(applied_.seq)));
    } else if (last->chain_hash != applied_.chain_hash) {
      Report("chg", SeqKey(*before), "its chain hash is not that of the data");
    }
  }

  StoreDatabase* const database_;
  const LogHead applied_;
  const std::function<void(const std::string&)>& problem_;
};

}  // namespace

absl::Status VerifyStore(StoreDatabase* database, const LogHead& applied,
                         const std::function<void(const std::string&)>& problem) {
  StoreCheck(database, applied, problem).Run();
  return absl::OkStatus();
}

}  // namespace lineal::storage
