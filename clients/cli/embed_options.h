// The options with which `ingest` and `search` reach an embedding endpoint.
#pragma once

#include "clients/cli/embedder.h"

namespace CLI {
class App;
}

namespace lineal::cli {

// --embed-url, --embed-model, --embed-batch, --embed-timeout-ms. The key comes from the environment.
void AddEmbedOptions(CLI::App* app, EmbedOptions* options);

}  // namespace lineal::cli
