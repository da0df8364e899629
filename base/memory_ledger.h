// Who holds how much memory. Every large allocation is charged to an owner (collection, segment, kind) and given back
// by the charge's destructor. A library that keeps its own books is asked by a probe whenever the ledger is read.
#pragma once

#include <cstdint>
#include <functional>
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

  // A count that is asked for, not kept. `count` runs on whatever thread reads the ledger and must not use the ledger;
  // the destructor waits for a count in progress.
  class Probe {
   public:
    Probe() = default;
    Probe(MemoryLedger* ledger, MemoryOwner owner, std::function<uint64_t()> count);
    Probe(Probe&& other) noexcept { *this = std::move(other); }
    Probe& operator=(Probe&& other) noexcept;
    ~Probe() { Drop(); }

   private:
    void Drop();
    MemoryLedger* ledger_ = nullptr;
    uint64_t number_ = 0;
  };

  struct Line {
    MemoryOwner owner;
    uint64_t bytes;
  };
  // In order of their owners, none empty; what several hold for the same owner is one line.
  std::vector<Line> Lines() const;
  uint64_t total_bytes() const;

 private:
  void Adjust(const MemoryOwner& owner, int64_t delta);

  mutable std::mutex mutex_;
  std::map<MemoryOwner, uint64_t> bytes_;

  struct Asked {
    MemoryOwner owner;
    std::function<uint64_t()> count;
  };
  mutable std::mutex probes_mutex_;  // taken before mutex_
  std::map<uint64_t, Asked> probes_;
  uint64_t next_probe_ = 1;
};

// What work in progress holds, charged to one owner by parts that its threads take and give back.
//
// Threads: any.
class WorkingMemory {
 public:
  WorkingMemory(MemoryLedger* ledger, MemoryOwner owner) : charge_(ledger, std::move(owner)) {}

  // A part of `of`, which outlives it; null: counted nowhere.
  class Part {
   public:
    Part(WorkingMemory* of, uint64_t bytes) : of_(of) { Set(bytes); }
    Part(const Part&) = delete;
    Part& operator=(const Part&) = delete;
    ~Part() { Set(0); }
    void Set(uint64_t bytes);

   private:
    WorkingMemory* const of_;
    uint64_t bytes_ = 0;
  };
  uint64_t bytes() const;

 private:
  mutable std::mutex mutex_;
  MemoryLedger::Charge charge_;
};

}  // namespace lineal
