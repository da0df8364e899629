// Ids and packed vectors between the wire and the domain.
//
// Threads: any; nothing is kept.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "base/ids.h"
#include "lineal/v1/vectors.pb.h"

namespace lineal::server {

// INVALID_ARGUMENT for an id with nothing set, or a text that is no UUID.
absl::StatusOr<PointId> IdFromWire(const v1::PointId& id);
void IdToWire(const PointId& id, v1::PointId* out);
// How many ids there are. INVALID_ARGUMENT when both kinds are filled or the UUID bytes are not a multiple of 16.
absl::StatusOr<size_t> CountIds(const v1::PackedIds& ids);
absl::Status AppendIds(const v1::PackedIds& ids, std::vector<PointId>* out);

// Bytes of one component. INVALID_ARGUMENT for an element type this build does not know.
absl::StatusOr<size_t> ComponentBytes(v1::ElementType type);
// `data` holds out.size() components.
void UnpackComponents(v1::ElementType type, std::string_view data, std::span<float> out);
// INVALID_ARGUMENT for no component, a broken last one, or more than engine::kDimMax. Whether they are finite and as
// many as the collection wants is the engine's to say.
absl::StatusOr<std::vector<float>> UnpackVector(v1::ElementType type, std::string_view data);
std::string PackFloats(std::span<const float> values);

}  // namespace lineal::server
