// The physical records of one RocksDB write-ahead file: blocks of 32 KiB, each record a masked CRC-32C, a length and a
// type before its bytes (docs/format/change_log.md).
//
// Threads: one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace lineal::storage {

class WalReader {
 public:
  explicit WalReader(std::string_view file) : file_(file) {}

  // The next batch whole; nothing at the end or where a record is bad, with `stopped_at` and `reason` set.
  std::optional<std::string> NextBatch();
  // Where the bytes stop making sense; the file's size when they do to the end.
  uint64_t stopped_at() const { return at_; }
  const std::string& reason() const { return reason_; }
  // Behind the stop: the offset of a sound record that begins a batch of a write later than `sequence`, if any.
  std::optional<uint64_t> FindLaterBatch(uint64_t sequence) const;

 private:
  enum class Type : uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };
  struct Record {
    Type type;
    std::string_view bytes;
    uint64_t end;
  };
  std::optional<Record> RecordAt(uint64_t offset) const;
  uint64_t NextHeader(uint64_t offset) const;

  const std::string_view file_;
  uint64_t at_ = 0;
  std::string reason_;
};

}  // namespace lineal::storage
