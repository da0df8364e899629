#include <unistd.h>

#include <CLI/CLI.hpp>
#include <map>

#include "base/file_system.h"
#include "base/log.h"
#include "base/status.h"
#include "clients/cli/command.h"
#include "server/process/config.h"
#include "server/process/serve.h"
#include "server/process/settings.h"

namespace lineal::cli {
namespace {

std::map<std::string, std::string> Environment() {
  std::map<std::string, std::string> out;
  for (char** entry = environ; *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    if (equals != std::string_view::npos) out.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return out;
}

std::string Described(const server::Setting& setting) {
  std::string text(setting.help);
  const std::string value = server::SettingText(setting, server::ServerConfig());
  StrAppend(&text, " [", server::EnvironmentName(setting), value.empty() ? "" : StrCat(", default ", value), "]");
  return text;
}

class ServeCommand final : public Command {
 public:
  CLI::App* AddTo(CLI::App* program) override {
    CLI::App* app = program->add_subcommand("serve", "Run a server");
    app->add_option("--config", config_file_, "YAML file with settings [LINEAL_CONFIG]");
    app->add_flag("--check", check_only_, "Read and check the configuration, then end");
    for (const server::Setting& setting : server::Settings()) {
      const std::string flag = server::FlagName(setting);
      if (flag.empty()) continue;
      const std::string key(setting.key);
      // Text all the way: limits, units and messages are the table's.
      CLI::Option* option = app->add_option_function<std::string>(
          flag, [this, key](const std::string& text) { flags_.emplace_back(key, text); }, Described(setting));
      option->type_name(server::AllowedText(setting));
      if (setting.type == server::SettingType::kBool) option->expected(0, 1)->default_str("true");
    }
    app->footer("Keys are read from LINEAL_API_KEY, LINEAL_READ_ONLY_API_KEY or files. More: docs/configuration.md.");
    return app;
  }

  absl::Status Run(const Globals&) override {
    server::ConfigSources sources;
    sources.environment = Environment();
    sources.flags = flags_;
    if (config_file_.empty() && sources.environment.contains("LINEAL_CONFIG")) {
      config_file_ = sources.environment["LINEAL_CONFIG"];
    }
    if (!config_file_.empty()) {
      LINEAL_ASSIGN_OR_RETURN(sources.yaml, PosixFileSystem()->ReadFile(config_file_));
      sources.yaml_name = config_file_;
    }
    LINEAL_ASSIGN_OR_RETURN(const server::ServerConfig config, server::LoadConfig(sources, PosixFileSystem()));
    for (const std::string& name : server::UnknownEnvironment(sources.environment)) {
      Log(LogLevel::kWarning, "this environment variable is no setting", {{"name", name}});
    }
    if (check_only_) return absl::OkStatus();
    return server::Serve(config);
  }

 private:
  std::string config_file_;
  bool check_only_ = false;
  std::vector<std::pair<std::string, std::string>> flags_;
};

}  // namespace

std::unique_ptr<Command> MakeServeCommand() { return std::make_unique<ServeCommand>(); }

}  // namespace lineal::cli
