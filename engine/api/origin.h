// Where points come from, as plain data: who wrote them in which run, how, and from what.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "base/ids.h"

namespace lineal::engine {

inline constexpr size_t kOriginTextMax = 1'024;  // bytes of each text below
inline constexpr size_t kSourceNameMax = 4'096;

// What is the same for all that one job writes. Texts that are not known are empty.
struct IngestContext {
  std::string run;        // as OpenLineage names it
  std::string transform;  // the code and parameters that cut and cleaned, or their digest
  std::string space;      // the embedding space that its vectors lie in
  std::string dataset;    // the version of the data set that was read
  std::string principal;  // who was authorized
  std::string endpoint;   // the revision of what embedded

  // A principal alone says who, not how.
  bool attributed() const {
    return !run.empty() || !transform.empty() || !space.empty() || !dataset.empty() || !endpoint.empty();
  }
  friend bool operator==(const IngestContext&, const IngestContext&) = default;
};

// A document as it was when it was read.
struct SourceVersion {
  std::string source_namespace;  // as OpenLineage has it: "s3://bucket", "file"
  std::string name;
  std::string version;  // a digest, an etag; empty if there is none
  friend bool operator==(const SourceVersion&, const SourceVersion&) = default;
};

// What a point was made from, and which part of it.
struct PointSource {
  SourceVersion source;
  uint32_t ordinal = 0;
  friend bool operator==(const PointSource&, const PointSource&) = default;
};

// INVALID_ARGUMENT for a text that is too long, and for a source without a name.
absl::Status ValidateContext(const IngestContext& context);
absl::Status ValidateSource(const SourceVersion& source);

// Where one state of a point came from.
struct PointOrigin {
  uint64_t version = 0;       // the seq that made it
  uint64_t died = 0;          // the seq that ended the row; 0 while it lives
  bool payload_only = false;  // that changed nothing but the payload
  IngestContext context;
  std::optional<PointSource> source;
};

// Points that live, by what wrote them.
struct ContextCount {
  IngestContext context;
  uint64_t points = 0;
};

}  // namespace lineal::engine
