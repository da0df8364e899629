#include "server/grpc/convert_memory.h"

namespace lineal::server {

void MemoryToWire(const MemoryAccount& account, v1::MemoryResponse* out) {
  for (const engine::MemoryLine& line : account.collection.held) {
    v1::MemoryLine* wire = out->add_held();
    wire->set_segment(line.segment);
    wire->set_kind(line.kind);
    wire->set_bytes(line.bytes);
  }
  for (const engine::MappedLine& line : account.collection.mapped) {
    v1::MappedLine* wire = out->add_mapped();
    wire->set_segment(line.segment);
    wire->set_kind(line.kind);
    wire->set_bytes(line.bytes);
    wire->set_resident_bytes(line.resident_bytes);
  }
  v1::ProcessMemory* wire = out->mutable_process();
  for (const engine::MemoryLine& line : account.collection.shared) {
    v1::MemoryLine* shared = wire->add_shared();
    shared->set_kind(line.kind);
    shared->set_bytes(line.bytes);
  }
  const ProcessMemory& process = account.process;
  wire->set_ledger_bytes(process.ledger_bytes);
  wire->set_rss_anon_bytes(process.rss_anon_bytes);
  wire->set_rss_file_bytes(process.rss_file_bytes);
  wire->set_allocator_free_bytes(process.allocator_free_bytes);
  wire->set_unattributed_bytes(process.unattributed_bytes);
}

}  // namespace lineal::server
