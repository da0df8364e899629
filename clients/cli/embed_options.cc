#include "clients/cli/embed_options.h"

#include <CLI/CLI.hpp>

namespace lineal::cli {

void AddEmbedOptions(CLI::App* app, EmbedOptions* options) {
  app->add_option("--embed-url", options->url,
                  "An OpenAI-compatible endpoint, such as http://127.0.0.1:8080/v1; key from LINEAL_EMBED_API_KEY")
      ->group("Embedding");
  app->add_option("--embed-model", options->model, "The model to ask for")->group("Embedding");
  app->add_option("--embed-batch", options->batch, "Texts a request")
      ->check(CLI::Range(1, 2048))
      ->capture_default_str()
      ->group("Embedding");
  app->add_option("--embed-timeout-ms", options->timeout_ms, "How long a request may take")
      ->check(CLI::Range(1, 86'400'000))
      ->capture_default_str()
      ->group("Embedding");
}

}  // namespace lineal::cli
