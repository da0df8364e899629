// Who holds how much memory. Every large allocation is charged to an owner (collection, segment, kind) and given back
// by the charge's destructor.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace lineal {

struct MemoryOwner {
  std::string collection;
  std::string segment;
  std::string kind;  // "vectors", "graph", "payload_index", "rows", ...
  auto operator<=>(const MemoryOwner&) const = default;
};

// Threads: any.
class MemoryLedger {
 public:
  // A movable claim on some bytes; resized as the owner grows.
  class Charge {
   public:
    Charge() = default;
    Charge(MemoryLedger* ledger, MemoryOwner owner) : ledger_(ledger), owner_(std::move(owner)) {}
    Charge(Charge&& other) noexcept { *this = std::move(other); }
    Charge& operator=(Charge&& other) noexcept;
    ~Charge() { Set(0); }
    void Set(uint64_t bytes);
    uint64_t bytes() const { return bytes_; }

   private:
    MemoryLedger* ledger_ = nullptr;
    MemoryOwner owner_;
    uint64_t bytes_ = 0;
  };

  struct Line {
    MemoryOwner owner;
    uint64_t bytes;
  };
  std::vector<Line> Lines() const;
  uint64_t total_bytes() const;

 private:
  void Adjust(const MemoryOwner& owner, int64_t delta);
  mutable std::mutex mutex_;
  std::map<MemoryOwner, uint64_t> bytes_;
};

}  // namespace lineal
