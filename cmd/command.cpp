#include "cmd/command.h"

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
    command.groups.push_back(
        {"General",
         {{.name = "config", .argument = "FILE", .help = "read options from this file"},
          {.name = "help", .shortName = "h", .help = "show this page"}}});
    return command;
}

}  // namespace netchat::cmd
