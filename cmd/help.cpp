#include "cmd/help.h"

#include <Poco/Util/HelpFormatter.h>
#include <Poco/Util/Option.h>
#include <Poco/Util/OptionSet.h>

#include <algorithm>
#include <sstream>

#include "protocol/utf8.h"

namespace netchat::cmd {

namespace {

constexpr int kWidth = 100;
constexpr int kIndent = 2;

std::string describe(const OptionSpec& spec) {
    std::string text = spec.help;
    std::string notes;
    const auto note = [&](const std::string& what) { notes += (notes.empty() ? "" : "; ") + what; };
    if (*spec.fallback) note(std::string("default: ") + spec.fallback);
    if (*spec.environment) note(std::string("environment: ") + spec.environment);
    if (spec.repeatable) note("may be repeated");
    if (!notes.empty()) text += " (" + notes + ")";
    return text;
}

std::string signature(const OptionSpec& spec) {
    // A family has entries in a configuration only.
    const std::string_view name = spec.name;
    if (name.ends_with('.')) return "    " + std::string(name) + spec.argument;
    std::string text = *spec.shortName ? "-" + std::string(spec.shortName) + ", " : "    ";
    text += "--" + std::string(spec.name);
    if (*spec.argument) text += " " + std::string(spec.argument);
    return text;
}

size_t widestSignature(const Command& command) {
    size_t widest = 0;
    for (const auto& group : command.groups) {
        for (const auto& spec : group.options) {
            widest = std::max(widest, utf8::length(signature(spec)));
        }
    }
    return widest;
}

// HelpFormatter's wrapping, with our own columns: its own format() aligns each set by itself and
// would put every group of options in another column.
class Wrapper : public Poco::Util::HelpFormatter {
  public:
    explicit Wrapper(const Poco::Util::OptionSet& options) : HelpFormatter(options) {
        setWidth(kWidth);
    }
    std::string wrap(const std::string& text, size_t column) const {
        std::ostringstream out;
        formatText(out, text, static_cast<int>(column), static_cast<int>(column));
        return out.str();
    }
};

std::string wrapped(const std::string& text, size_t column) {
    const Poco::Util::OptionSet none;  // the formatter keeps a reference to it
    return Wrapper(none).wrap(text, column);
}

// "  left      right, wrapped in its own column", which begins below where left is too long.
void appendRow(std::string& out, const std::string& left, const std::string& right, size_t column) {
    const size_t end = kIndent + utf8::length(left);
    out += std::string(kIndent, ' ') + left;
    out += end < column ? std::string(column - end, ' ') : "\n" + std::string(column, ' ');
    out += wrapped(right, column) + "\n";
}

void appendActions(std::string& out, const Command& command) {
    if (command.actions.empty()) return;
    constexpr size_t kColumn = 24;
    out += std::string("\n") + command.actionsTitle + ":\n";
    for (const auto& action : command.actions) appendRow(out, action.usage, action.help, kColumn);
}

bool takes(const Command& command, std::string_view argument) {
    return std::any_of(command.groups.begin(), command.groups.end(), [&](const auto& group) {
        return std::any_of(group.options.begin(), group.options.end(),
                           [&](const auto& spec) { return argument == spec.argument; });
    });
}

void appendUnits(std::string& out, const Command& command) {
    const bool sizes = takes(command, "SIZE"), durations = takes(command, "DURATION");
    if (!sizes && !durations) return;
    out += "\nUnits:\n";
    if (sizes) appendRow(out, "SIZE", "bytes, or a number with a unit: 64KiB, 1MiB, 2GB", 12);
    if (durations) appendRow(out, "DURATION", "a number with a unit: 500ms, 5s, 2m, 1h, 30d", 12);
}

void appendExits(std::string& out, const Command& command) {
    auto notes = command.exits;
    for (const ExitNote& common :
         {ExitNote{kExitUsage, "wrong usage: unknown option or invalid value"},
          ExitNote{kExitBadInput, "an error in a script or configuration file"},
          ExitNote{kExitOurFault, "internal error"}}) {
        const bool own =
            std::any_of(command.exits.begin(), command.exits.end(),
                        [&](const ExitNote& note) { return note.code == common.code; });
        if (!own) notes.push_back(common);
    }
    std::sort(notes.begin(), notes.end(),
              [](const ExitNote& one, const ExitNote& other) { return one.code < other.code; });
    out += "\nExit codes:\n";
    for (const auto& note : notes) appendRow(out, std::to_string(note.code), note.meaning, 8);
}

void appendExamples(std::string& out, const Command& command) {
    if (!*command.examples) return;
    out += "\nExamples:\n";
    std::istringstream lines(command.examples);
    for (std::string line; std::getline(lines, line);) {
        out += std::string(kIndent, ' ') + line + "\n";
    }
}

std::string withoutTrailingSpaces(const std::string& text) {
    std::istringstream lines(text);
    std::string out, line;
    while (std::getline(lines, line)) {
        line.erase(line.find_last_not_of(' ') + 1);
        out += line + "\n";
    }
    return out;
}

}  // namespace

std::string helpPage(const Command& command) {
    std::string out = std::string("netchat ") + command.name + ": " + command.summary +
                      "\n\nusage: netchat " + command.name + " ";
    if (*command.usage) out += std::string(command.usage) + " ";
    out += "[options]\n\n" + wrapped(command.description, 0) + "\n";
    appendActions(out, command);
    const size_t column = widestSignature(command) + kIndent + 2;
    for (const auto& group : command.groups) {
        out += "\n" + std::string(group.title) + ":\n";
        for (const auto& spec : group.options) {
            appendRow(out, signature(spec), describe(spec), column);
        }
        for (const auto& value : group.values) {
            appendRow(out, "    " + value.usage, value.help, column);
        }
    }
    appendUnits(out, command);
    out += "\n" +
           wrapped(
               "Every option can also be set in the environment (--some-option as "
               "NETCHAT_SOME_OPTION) and in the file of --config (some-option = ...). The "
               "command line overrides the environment, which overrides the file.",
               0) +
           "\n";
    appendExits(out, command);
    appendExamples(out, command);
    return withoutTrailingSpaces(out);
}

std::string overview(std::span<const Command* const> commands) {
    std::string out =
        "usage: netchat COMMAND [options]\n\n"
        "A console chat and file drop for people on one network.\n\nCommands:\n";
    for (const auto* command : commands) appendRow(out, command->name, command->summary, 12);
    out +=
        "\nnetchat COMMAND --help (or netchat help COMMAND) explains a command.\n"
        "netchat --version prints the version.\n\nExamples:\n"
        "  netchat serve\n"
        "  netchat connect 192.168.1.7 --nick alice\n";
    return withoutTrailingSpaces(out);
}

}  // namespace netchat::cmd
