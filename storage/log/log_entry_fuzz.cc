// Any bytes as a log entry: refused with DATA_LOSS, or an entry that writes itself back as the same bytes.
#include "base/check.h"
#include "storage/log/log_entry.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  auto entry = lineal::storage::DecodeEntry(bytes);
  if (!entry.ok()) {
    LINEAL_CHECK(entry.status().code() == absl::StatusCode::kDataLoss);
    return 0;
  }
  // A varint may be written longer than need be, so only what is read again must agree.
  auto again = lineal::storage::DecodeEntry(lineal::storage::EncodeEntry(*entry));
  LINEAL_CHECK(again.ok() && again->seq == entry->seq && again->body == entry->body);
  return 0;
}
