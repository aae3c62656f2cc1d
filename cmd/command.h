#pragma once

// What a subcommand is: its options as a table, and the function that runs it.
//
// A subcommand's file declares one Command; from its table come the parser (arguments.h), the help
// page (help.h) and the names in the environment and in configuration files, so that they agree:
//
//     --max-file SIZE    NETCHAT_MAX_FILE=SIZE    max-file = SIZE

#include <stdexcept>
#include <string>
#include <vector>

#include "cmd/exit_code.h"

namespace netchat::cmd {

class Arguments;

struct OptionSpec {
    const char* name;            // without its dashes; with a dot at its end: a family of entries
    const char* shortName = "";  // one letter, or none
    const char* argument = "";   // what the help calls its value; empty: a flag
    const char* fallback = "";   // its default, as text; empty: none
    const char* help = "";
    const char* environment = "";  // the original's variable besides NETCHAT_<NAME>, or none
    bool repeatable = false;
    bool secret = false;  // it says where a secret is: taken only by its whole name
};

// A word that a subcommand takes besides its options, such as "verify DIR" of `netchat log`.
struct ActionNote {
    std::string usage;
    std::string help;
};

struct OptionGroup {
    const char* title;
    std::vector<OptionSpec> options;
    std::vector<ActionNote> values = {};  // words that an option of the group takes
};

struct ExitNote {
    ExitCode code;
    const char* meaning;
};

struct Command {
    const char* name;
    const char* usage = "";    // its words besides options, such as "[HOST[:PORT]]"
    const char* summary = "";  // one line for `netchat --help`
    const char* description = "";
    const char* actionsTitle = "Actions";
    std::vector<ActionNote> actions = {};
    std::vector<OptionGroup> groups = {};
    size_t wordsMax = 0;                     // how many words besides options it takes
    std::vector<ExitNote> exits = {};        // besides 64, 65 and 70, which every one has
    const char* examples = "";               // lines to paste
    int (*run)(const Arguments&) = nullptr;  // returns an ExitCode

    const OptionSpec* find(const std::string& option) const;
};

// The command with the options that every one has: --config and --help.
//
//     const Command& serveCommand() {
//         static const Command command = define({.name = "serve", ... .run = run});
//         return command;
//     }
Command define(Command command);

// What the user gave does not make sense. Thrown by Arguments and caught by main(), which prints
// "netchat NAME: text" and exits with the code. Only this folder throws and catches it.
class UsageError : public std::runtime_error {
  public:
    explicit UsageError(const std::string& text, ExitCode code = kExitUsage)
        : std::runtime_error(text), code_(code) {}
    ExitCode code() const { return code_; }

  private:
    ExitCode code_;
};

}  // namespace netchat::cmd
