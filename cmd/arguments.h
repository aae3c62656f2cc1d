#pragma once

// A subcommand's options with their values, from four layers:
//
//     command line  >  environment  >  --config FILE  >  defaults
//
// In the environment NETCHAT_<OPTION> beats the original's name (IP, PORT, HEADER, ENCODING), and
// an empty variable is one that is not set. A PORT such as tcp://10.1.2.3:6121 is passed over: a
// container's surroundings set NETCHAT_PORT so for a service of that name. A flag is set there, and
// in a file, by yes, no, true, false, on, off, 1 or 0. Getters check; what does not fit is a
// UsageError that names where the value came from and what would be right.

#include <Poco/AutoPtr.h>
#include <Poco/Util/LayeredConfiguration.h>

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/command.h"
#include "protocol/result.h"

namespace netchat::cmd {

// The value of a variable, or null.
using Environment = std::function<const char*(const char*)>;

// One thread.
class Arguments {
  public:
    // `words`: what follows the subcommand's name. The command must outlive the result.
    static Arguments parse(const Command& command, const std::vector<std::string>& words,
                           const Environment& environment);

    // The same words and environment, and the configuration file as it is now.
    Arguments readAgain() const { return parse(command_, given_, environment_); }

    // What was passed over, a line for each.
    const std::vector<std::string>& warnings() const { return warnings_; }

    // --help was given; nothing after it was looked at.
    bool helpWanted() const { return helpWanted_; }

    // It has a value, be it its default.
    bool has(std::string_view option) const;
    // It has a value that is not its default.
    bool given(std::string_view option) const;

    // Each needs a value or a default; a program that asks without one is our fault.
    std::string text(std::string_view option) const;
    int64_t number(std::string_view option, int64_t min, int64_t max) const;
    uint16_t port(std::string_view option) const;
    int64_t durationMs(std::string_view option) const;
    uint64_t sizeBytes(std::string_view option) const;
    std::string oneOf(std::string_view option, const std::vector<std::string>& choices) const;
    bool flag(std::string_view option) const;
    // All values of a repeatable option in the order given; one from the environment or a file.
    std::vector<std::string> list(std::string_view option) const;

    // Every option that has a value, but for the configuration's and --help.
    std::map<std::string, std::string> values() const;

    // The words that are no options; "-" is one.
    const std::vector<std::string>& words() const { return words_; }

    // "--port must be 0 to 65535, not 'abc'", for checks that only the subcommand can make.
    [[noreturn]] void reject(std::string_view option, std::string_view mustBe) const;
    // The same for a value that a parser of ours refused, whose text says why.
    [[noreturn]] void refuse(std::string_view option, const Error& error) const;

  private:
    using Layer = Poco::AutoPtr<Poco::Util::AbstractConfiguration>;

    explicit Arguments(const Command& command) : command_(command) {}

    Layer readWords(const std::vector<std::string>& words);
    Layer readEnvironment(const Environment& environment);
    Layer readFile(const std::string& path) const;
    Layer defaults() const;
    std::string origin(const std::string& option) const;
    ExitCode exitFor(const std::string& option) const;

    const Command& command_;
    Poco::AutoPtr<Poco::Util::LayeredConfiguration> values_{new Poco::Util::LayeredConfiguration};
    std::vector<std::string> words_;
    std::vector<std::string> given_;
    Environment environment_;
    std::vector<std::string> warnings_;
    bool helpWanted_ = false;
};

}  // namespace netchat::cmd
