#include "cmd/command.h"

#include <utility>

namespace netchat::cmd {

const OptionSpec* Command::find(const std::string& option) const {
    for (const auto& group : groups) {
        for (const auto& spec : group.options) {
            if (option == spec.name) return &spec;
        }
    }
    return nullptr;
}

Command define(Command command) {
    OptionGroup general{"General", {}};
    // A subcommand may have said which file is its own.
    if (command.find("config") == nullptr) {
        general.options.push_back(
            {.name = "config", .argument = "FILE", .help = "Read options from FILE."});
    }
    general.options.push_back({.name = "help", .shortName = "h", .help = "Show this page."});
    command.groups.push_back(std::move(general));
    return command;
}

}  // namespace netchat::cmd
