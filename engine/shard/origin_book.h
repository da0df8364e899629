// The numbers a shard gives to the contexts and sources that its entries name, in the order in which it meets them, and
// how many living points each context has.
//
// Threads: one, the holder of the shard's apply right.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "engine/shard/origin_record.h"
#include "storage/rows/shard_store.h"

namespace lineal::engine {

class OriginBook {
 public:
  absl::Status Load(const storage::ShardStore& store);

  // What one batch adds. Nothing of it holds before it is accepted.
  class Draft {
   public:
    Draft(const OriginBook* book, const storage::ShardStore* store) : book_(book), store_(store) {}
    // Number 0 is that of a context without any text.
    absl::StatusOr<uint32_t> NumberOf(const IngestContext& context);
    absl::StatusOr<uint32_t> NumberOf(const SourceVersion& source);
    void AddLiving(uint32_t context, int64_t points) { living_[context] += points; }
    void WriteTo(storage::StoreBatch* batch) const;

   private:
    friend class OriginBook;

    const OriginBook* const book_;
    const storage::ShardStore* const store_;
    struct Named {
      uint32_t number;
      std::string encoded;
    };
    std::map<std::string, Named> contexts_;  // by their keys
    std::map<std::string, Named> sources_;
    std::map<std::string, std::string> names_;  // keys of the sources' versions
    std::map<uint32_t, int64_t> living_;
    absl::flat_hash_map<std::string, uint32_t> known_;  // of sources, read from the data
  };
  void Accept(const Draft& draft);

 private:
  uint32_t contexts_ = 0, sources_ = 0;  // the greatest numbers given
  absl::flat_hash_map<std::string, uint32_t> context_numbers_;
  std::map<uint32_t, int64_t> living_;
};

}  // namespace lineal::engine
