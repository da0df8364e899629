#include "server/process/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "base/status.h"
#include "server/process/settings.h"

namespace lineal::server {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

absl::StatusOr<ServerConfig> Load(const ConfigSources& sources) { return LoadConfig(sources, PosixFileSystem()); }

std::string ErrorOf(const ConfigSources& sources) {
  auto config = Load(sources);
  EXPECT_FALSE(config.ok());
  return config.ok() ? "" : std::string(MessageOf(config.status()));
}

std::string WriteFile(const std::string& name, std::string_view text) {
  const std::string path = testing::TempDir() + "/" + name;
  std::ofstream(path) << text;
  return path;
}

TEST(Config, LaterSourcesWin) {
  ConfigSources sources;
  EXPECT_EQ(Load(sources)->queue_max, 1024u);
  sources.yaml = "queue_max: 2\nwrite_threads: 3\nio_threads: 5\n";
  EXPECT_EQ(Load(sources)->queue_max, 2u);
  sources.environment = {{"LINEAL_QUEUE_MAX", "20"}, {"LINEAL_WRITE_THREADS", "30"}, {"PATH", "x"}};
  EXPECT_EQ(Load(sources)->queue_max, 20u);
  sources.flags = {{"queue_max", "200"}};
  const auto config = Load(sources);
  ASSERT_TRUE(config.ok()) << MessageOf(config.status());
  EXPECT_EQ(config->queue_max, 200u);
  EXPECT_EQ(config->write_threads, 30u);
  EXPECT_EQ(config->io_threads, 5u);
}

TEST(Config, EverySettingReadsBackItsOwnText) {
  std::set<std::string> names;
  for (const Setting& setting : Settings()) {
    const ServerConfig defaults;
    const std::string text = SettingText(setting, defaults);
    ServerConfig config;
    EXPECT_TRUE(ApplySetting(setting, text, &config).ok()) << setting.key;
    EXPECT_EQ(SettingText(setting, config), text) << setting.key;
    EXPECT_TRUE(names.insert(EnvironmentName(setting)).second);
    EXPECT_EQ(FindSetting(setting.key), &setting);
  }
}

TEST(Config, NamesFileLineKeyAndNearestForAnUnknownKey) {
  ConfigSources sources;
  sources.yaml_name = "/etc/lineal.yaml";
  sources.yaml = "host: 127.0.0.1\nrest_prot: 6333\n";
  EXPECT_THAT(ErrorOf(sources),
              HasSubstr("/etc/lineal.yaml:2: there is no setting `rest_prot`; did you mean `rest_port`?"));
}

TEST(Config, NamesValueAndLimitOfABadNumber) {
  for (std::string_view text : {"70000", "-1", "6333x", "", "0x10", "1e3", "99999999999999999999"}) {
    ConfigSources sources;
    sources.environment = {{"LINEAL_REST_PORT", std::string(text)}};
    const std::string error = ErrorOf(sources);
    EXPECT_THAT(error, HasSubstr("environment variable LINEAL_REST_PORT: `rest_port` is 0 to 65535"));
    EXPECT_THAT(error, HasSubstr("\"" + std::string(text) + "\""));
  }
}

TEST(Config, ExplainsTheVariablesThatKubernetesMakes) {
  ConfigSources sources;
  sources.environment = {{"LINEAL_REST_PORT", "tcp://10.0.0.1:6333"}};
  EXPECT_THAT(ErrorOf(sources), HasSubstr("Kubernetes"));
  EXPECT_THAT(UnknownEnvironment({{"LINEAL_PORT_6333_TCP_ADDR", "10.0.0.1"},
                                  {"LINEAL_SERVICE_HOST", "10.0.0.1"},
                                  {"LINEAL_PORT", "tcp://10.0.0.1:6333"},
                                  {"LINEAL_REST_PROT", "1"},
                                  {"LINEAL_REST_PORT", "1"},
                                  {"OTHER", "1"}}),
              ElementsAre("LINEAL_REST_PROT"));
}

TEST(Config, ReadsBytesWithBinaryAndDecimalUnits) {
  const std::pair<std::string_view, uint64_t> cases[] = {{"64MiB", 64ull << 20},
                                                         {"64 MiB", 64ull << 20},
                                                         {"2GB", 2'000'000'000},
                                                         {"1048576", 1 << 20},
                                                         {"1TiB", 1ull << 40}};
  for (const auto& [text, bytes] : cases) {
    ConfigSources sources;
    sources.flags = {{"block_cache_bytes", std::string(text)}};
    const auto config = Load(sources);
    ASSERT_TRUE(config.ok()) << MessageOf(config.status());
    EXPECT_EQ(config->block_cache_bytes, bytes) << text;
  }
  for (std::string_view text : {"64mib", "64M", "1KiB", "99999999999TiB", "MiB", "-5MiB"}) {
    ConfigSources sources;
    sources.flags = {{"block_cache_bytes", std::string(text)}};
    EXPECT_THAT(ErrorOf(sources), HasSubstr("1MiB to 64TiB")) << text;
  }
}

TEST(Config, RefusesYamlThatIsNotKeysAndValues) {
  for (std::string_view yaml : {"- a\n", "just text", "host: [1, 2]", "host: {a: b}", "? [a]\n: b",
                                "host: 1.1.1.1\nhost: 2", "host: \"unclosed", "a: b: c", "\x01", "host: ~"}) {
    ConfigSources sources;
    sources.yaml = yaml;
    EXPECT_FALSE(Load(sources).ok()) << yaml;
  }
  ConfigSources sources;
  sources.yaml = std::string(kConfigBytesMax + 1, '#');
  EXPECT_THAT(ErrorOf(sources), HasSubstr("at most"));
  sources.yaml = std::string(100'000, '[');
  EXPECT_FALSE(Load(sources).ok());
}

TEST(Config, ListensBeyondLoopbackOnlyWithAKeyOrByChoice) {
  ConfigSources sources;
  sources.flags = {{"host", "0.0.0.0"}};
  EXPECT_THAT(ErrorOf(sources), HasSubstr("allow_insecure_bind"));
  sources.environment = {{"LINEAL_API_KEY", "0123456789abcdef"}};
  EXPECT_TRUE(Load(sources).ok());
  sources.environment = {{"LINEAL_ALLOW_INSECURE_BIND", "true"}};
  EXPECT_TRUE(Load(sources).ok());
  for (std::string_view host : {"127.0.0.1", "127.9.9.9", "::1", "localhost"}) {
    ConfigSources local;
    local.flags = {{"host", std::string(host)}};
    EXPECT_TRUE(Load(local).ok()) << host;
  }
  for (std::string_view host : {"::", "10.0.0.1", "example.org", "", "127.0.0.1:80"}) {
    ConfigSources beyond;
    beyond.flags = {{"host", std::string(host)}};
    EXPECT_FALSE(Load(beyond).ok()) << host;
  }
}

TEST(Config, ReadsKeysFromFiles) {
  const std::string admin = WriteFile("admin.key", "0123456789abcdef\n");
  const std::string reader = WriteFile("reader.key", "fedcba9876543210\r\nsecond line");
  ConfigSources sources;
  sources.flags = {{"api_key_file", admin}, {"read_only_api_key_file", reader}};
  auto config = Load(sources);
  ASSERT_TRUE(config.ok()) << MessageOf(config.status());
  EXPECT_EQ(config->api_key, "0123456789abcdef");
  EXPECT_EQ(config->read_only_api_key, "fedcba9876543210");

  sources.flags = {{"api_key_file", admin}, {"read_only_api_key_file", admin}};
  EXPECT_THAT(ErrorOf(sources), HasSubstr("the same"));
  sources.flags = {{"read_only_api_key_file", reader}};
  EXPECT_THAT(ErrorOf(sources), HasSubstr("without `api_key`"));
  sources.flags = {{"api_key_file", "/nowhere/key"}};
  EXPECT_THAT(ErrorOf(sources), HasSubstr("/nowhere/key"));
  sources.flags = {{"api_key_file", WriteFile("empty.key", "\n")}};
  EXPECT_THAT(ErrorOf(sources), HasSubstr("is empty"));
}

TEST(Config, TakesNoSecretFromTheCommandLineAndShowsNoneInErrors) {
  ConfigSources sources;
  sources.flags = {{"api_key", "0123456789abcdef"}};
  EXPECT_THAT(ErrorOf(sources), HasSubstr("there is no setting"));
  sources.flags.clear();
  sources.environment = {{"LINEAL_API_KEY", "secret with spaces"}};
  EXPECT_THAT(ErrorOf(sources), Not(HasSubstr("secret with")));
}

TEST(Config, RefusesOnePortForBothDoors) {
  ConfigSources sources;
  sources.flags = {{"rest_port", "7000"}, {"grpc_port", "7000"}};
  EXPECT_THAT(ErrorOf(sources), HasSubstr("both 7000"));
  sources.flags = {{"rest_port", "0"}, {"grpc_port", "0"}};
  EXPECT_TRUE(Load(sources).ok());
}

// Run with LINEAL_UPDATE_DOCS=1 to write the table anew.
TEST(Config, TableInTheDocumentIsTheOneInTheProgram) {
  const std::string path = LINEAL_DOCS_DIR "/configuration.md";
  const auto text = PosixFileSystem()->ReadFile(path);
  ASSERT_TRUE(text.ok()) << MessageOf(text.status());
  constexpr std::string_view kBegin = "<!-- settings: begin -->\n", kEnd = "<!-- settings: end -->";
  const size_t begin = text->find(kBegin), end = text->find(kEnd);
  ASSERT_NE(begin, std::string::npos);
  ASSERT_NE(end, std::string::npos);
  const size_t from = begin + kBegin.size();
  if (std::getenv("LINEAL_UPDATE_DOCS") != nullptr) {
    std::ofstream(path) << text->substr(0, from) << SettingsMarkdown() << text->substr(end);
    return;
  }
  EXPECT_EQ(text->substr(from, end - from), SettingsMarkdown());
}

}  // namespace
}  // namespace lineal::server
