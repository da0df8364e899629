// What a search finds, and who may be found.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <vector>

#include "absl/status/status.h"
#include "base/deadline.h"
#include "base/ids.h"

namespace lineal::index {

struct Neighbor {
  float distance;
  LocalId id;
  // Nearer first; ties by id, so that equal searches give equal answers.
  friend bool operator<(const Neighbor& a, const Neighbor& b) {
    return a.distance != b.distance ? a.distance < b.distance : Raw(a.id) < Raw(b.id);
  }
  friend bool operator==(const Neighbor&, const Neighbor&) = default;
};

class PassingPlaces;

// Says which rows a search may return: visible at its seq and passing its filter. Accepts() is asked only about
// candidates that are near enough to be accepted, never on every hop. Threads: any.
class Acceptor {
 public:
  virtual ~Acceptor() = default;
  virtual bool Accepts(LocalId id) const = 0;
  // False only if Accepts() is, and said at once: asked before a row is judged at all.
  virtual bool MayAccept(LocalId id) const { return Accepts(id); }
};

// What searches did, for explain. Each search adds to it when it ends.
struct SearchWork {
  uint64_t hops = 0;      // nodes whose links were followed
  uint64_t lists = 0;     // that were scanned by one-bit codes
  uint64_t by_codes = 0;  // distances computed by codes
  uint64_t by_rows = 0;   // and by rows, rescored ones among them
  uint64_t rescored = 0;  // candidates found by codes whose rows were read
  bool gave_up = false;   // a walk reached its hops_max, and what it found means nothing

  // Of rows that lie in a file: requests, and their bytes. Where one failed the search found nothing, and this says
  // why.
  uint64_t reads = 0, bytes_read = 0;
  absl::Status failure;
};

struct SearchParams {
  size_t top_k = 10;
  size_t ef_search = 128;              // the beam's width in graphs, at least top_k; index/ivf/effort.h for lists
  const Acceptor* acceptor = nullptr;  // null accepts all
  double accepted_share = 1;           // of all rows, about, where there is an acceptor
  // Lists: of the rows that the acceptor may accept, so that it is asked of those alone; null: not known.
  const PassingPlaces* places = nullptr;
  bool use_codes = true;            // where there are any; false: the rows alone
  size_t kept_by_codes = 0;         // lists and scans by codes: candidates to rescore, at least
  bool rescore = true;              // false: distances are those of codes, where there are any, and rows are not read
  std::optional<LocalId> left_out;  // graphs: a row that is passed over as if it were not there, for measuring
  Deadline deadline;                // when it expires a search stops early; the caller checks it again
  // Lists: rows farther than this are of no use and may be left out; the search may end earlier for it.
  float bound = std::numeric_limits<float>::infinity();
  size_t hops_max = 0;         // filtered walks: give up after so many, and say so in `work`; 0: never
  SearchWork* work = nullptr;  // null: not asked for; belongs to one search at a time
};

}  // namespace lineal::index
