#include "server/rest/write_memory.h"

namespace lineal::server {
namespace {

void WriteHeld(JsonWriter* out, const std::vector<engine::MemoryLine>& lines) {
  uint64_t total = 0;
  out->Key("held");
  out->BeginArray();
  for (const engine::MemoryLine& line : lines) {
    out->BeginObject();
    out->Field("segment", line.segment);
    out->Field("kind", line.kind);
    out->Field("bytes", line.bytes);
    out->EndObject();
    total += line.bytes;
  }
  out->EndArray();
  out->Field("held_bytes", total);
}

void WriteMapped(JsonWriter* out, const std::vector<engine::MappedLine>& lines) {
  uint64_t total = 0;
  uint64_t resident = 0;
  out->Key("mapped");
  out->BeginArray();
  for (const engine::MappedLine& line : lines) {
    out->BeginObject();
    out->Field("segment", line.segment);
    out->Field("kind", line.kind);
    out->Field("bytes", line.bytes);
    out->Field("resident_bytes", line.resident_bytes);
    out->EndObject();
    total += line.bytes;
    resident += line.resident_bytes;
  }
  out->EndArray();
  out->Field("mapped_bytes", total);
  out->Field("mapped_resident_bytes", resident);
}

void WriteProcess(JsonWriter* out, const MemoryAccount& account) {
  out->Key("process");
  out->BeginObject();
  out->Key("shared");
  out->BeginArray();
  for (const engine::MemoryLine& line : account.collection.shared) {
    out->BeginObject();
    out->Field("kind", line.kind);
    out->Field("bytes", line.bytes);
    out->EndObject();
  }
  out->EndArray();
  const ProcessMemory& process = account.process;
  out->Field("ledger_bytes", process.ledger_bytes);
  out->Field("rss_anon_bytes", process.rss_anon_bytes);
  out->Field("rss_file_bytes", process.rss_file_bytes);
  out->Field("allocator_free_bytes", process.allocator_free_bytes);
  out->Key("unattributed_bytes");
  out->Int(process.unattributed_bytes);
  out->EndObject();
}

}  // namespace

void WriteMemory(JsonWriter* out, const MemoryAccount& account) {
  out->BeginObject();
  WriteHeld(out, account.collection.held);
  WriteMapped(out, account.collection.mapped);
  WriteProcess(out, account);
  out->EndObject();
}

}  // namespace lineal::server
