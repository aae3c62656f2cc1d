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
    if (*spec.environment) note(std::string("also ") + spec.environment + " in the environment");
    if (spec.repeatable) note("may be repeated");
    if (!notes.empty()) text += " (" + notes + ")";
    return text;
}

std::string signature(const OptionSpec& spec) {
    // Of a family there are entries of a configuration only.
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

// "  left      right, wrapped in its own column"
void appendRow(std::string& out, const std::string& left, const std::string& right, size_t column) {
    out += std::string(kIndent, ' ') + left;
    out += std::string(column - kIndent - utf8::length(left), ' ');
    out += wrapped(right, column) + "\n";
}

void appendExits(std::string& out, const Command& command) {
    auto notes = command.exits;
    for (const ExitNote& common :
         {ExitNote{kExitUsage, "usage"},
          ExitNote{kExitBadInput, "a script or configuration does not parse"},
          ExitNote{kExitOurFault, "a fault of netchat itself"}}) {
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
    std::string out = std::string("usage: netchat ") + command.name + " ";
    if (*command.usage) out += std::string(command.usage) + " ";
    out += "[options]\n\n" + wrapped(command.description, 0) + "\n";
    const size_t column = widestSignature(command) + kIndent + 2;
    for (const auto& group : command.groups) {
        out += "\n" + std::string(group.title) + ":\n";
        for (const auto& spec : group.options) {
            appendRow(out, signature(spec), describe(spec), column);
        }
    }
    out += "\n" +
           wrapped(
               "Every option can also be set in the environment (--max-file as "
               "NETCHAT_MAX_FILE) and in the file of --config (max-file = ...). The "
               "command line beats the environment, which beats the file.",
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
        "\nnetchat help COMMAND, or netchat COMMAND --help, explains one; --version says which "
        "this is.\n";
    return withoutTrailingSpaces(out);
}

}  // namespace netchat::cmd
