#include "storage/log/wal_reader.h"

#include "base/coding.h"
#include "base/hash.h"

namespace lineal::storage {
namespace {

constexpr uint64_t kBlockBytes = 32768;
constexpr uint64_t kHeaderBytes = 7;
// A batch begins with its sequence number and count.
constexpr uint64_t kBatchHeaderBytes = 12;
// Sequence numbers further ahead than this are chance.
constexpr uint64_t kPlausibleAhead = 1ull << 32;

uint32_t Unmask(uint32_t masked) {
  const uint32_t rotated = masked - 0xa282ead8u;
  return rotated >> 17 | rotated << 15;
}

}  // namespace

// Where a header can lie: what is left of a block is padding when it cannot hold one.
uint64_t WalReader::NextHeader(uint64_t offset) const {
  const uint64_t left = kBlockBytes - offset % kBlockBytes;
  return left < kHeaderBytes ? offset + left : offset;
}

std::optional<WalReader::Record> WalReader::RecordAt(uint64_t offset) const {
  if (offset + kHeaderBytes > file_.size()) return std::nullopt;
  const char* header = file_.data() + offset;
  const uint64_t length = LoadFixed<uint16_t>(header + 4);
  const uint8_t type = static_cast<uint8_t>(header[6]);
  const uint64_t end = offset + kHeaderBytes + length;
  if (type < static_cast<uint8_t>(Type::kFull) || type > static_cast<uint8_t>(Type::kLast)) return std::nullopt;
  if (end > file_.size() || end > (offset / kBlockBytes + 1) * kBlockBytes) return std::nullopt;
  if (Crc32c(file_.substr(offset + 6, 1 + length)) != Unmask(LoadFixed<uint32_t>(header))) return std::nullopt;
  return Record{static_cast<Type>(type), file_.substr(offset + kHeaderBytes, length), end};
}

std::optional<std::string> WalReader::NextBatch() {
  std::string batch;
  bool begun = false;
  uint64_t offset = at_;
  for (;;) {
    offset = NextHeader(offset);
    if (offset >= file_.size()) {
      reason_ = begun ? "the last batch ends early" : "";
      if (!begun) at_ = file_.size();
      return std::nullopt;
    }
    std::optional<Record> record = RecordAt(offset);
    const bool begins = record && (record->type == Type::kFull || record->type == Type::kFirst);
    if (!record || begins == begun) {
      reason_ = record ? "a record is out of place" : "a record's checksum, length or type is wrong";
      at_ = offset;
      return std::nullopt;
    }
    begun = true;
    batch.append(record->bytes);
    offset = record->end;
    if (record->type == Type::kFull || record->type == Type::kLast) break;
  }
  at_ = offset;
  return batch;
}

// At every byte of the block it stopped in (a damaged length hides where the next record begins), then at the start of
// each record reached from there or from the later blocks' beginnings.
std::optional<uint64_t> WalReader::FindLaterBatch(uint64_t sequence) const {
  uint64_t offset = at_ + 1;
  const uint64_t block_end = (at_ / kBlockBytes + 1) * kBlockBytes;
  while (offset < file_.size()) {
    std::optional<Record> record = RecordAt(offset);
    if (record && (record->type == Type::kFull || record->type == Type::kFirst) &&
        record->bytes.size() >= kBatchHeaderBytes) {
      const uint64_t found = LoadFixed<uint64_t>(record->bytes.data());
      if (found > sequence && found - sequence < kPlausibleAhead) return offset;
    }
    if (record) {
      offset = NextHeader(record->end);
    } else if (offset < block_end) {
      ++offset;
    } else {
      offset = (offset / kBlockBytes + 1) * kBlockBytes;
    }
  }
  return std::nullopt;
}

}  // namespace lineal::storage
