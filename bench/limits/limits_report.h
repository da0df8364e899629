// What was measured, for people and for programs.
#pragma once

#include <string>
#include <vector>

#include "bench/limits/kernel_rates.h"

namespace lineal::bench {

// Tables in Markdown; the last paragraph names the kernels under 85 % of their bound.
std::string LimitsMarkdown(const MachineLimits& limits, const std::vector<KernelRate>& rates);
// One JSON object for the machine and one a kernel, level and dimension.
std::string LimitsJson(const MachineLimits& limits, const std::vector<KernelRate>& rates);

}  // namespace lineal::bench
