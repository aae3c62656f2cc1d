// The program: picks the subcommand, reads its options, runs it, and turns whatever goes wrong into
// one line on stderr and an exit code.

#include <Poco/Exception.h>
#include <fcntl.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "cmd/arguments.h"
#include "cmd/commands.h"
#include "cmd/help.h"
#include "cmd/standard_output.h"
#include "modes/net/process.h"
#include "protocol/nearest.h"
#include "protocol/text_safety.h"

namespace netchat::cmd {

namespace {

const std::vector<const Command*>& commands() {
    static const std::vector<const Command*> all = {
        &serveCommand(), &connectCommand(), &botCommand(),   &harnessCommand(),
        &ctlCommand(),   &logCommand(),     &knownCommand(),
    };
    return all;
}

// Those of two words, which the page of the first word names.
const Command* findPair(const std::vector<std::string>& words) {
    if (words.size() < 2) return nullptr;
    const std::string name = words[0] + " " + words[1];
    for (const auto* command :
         {&harnessBenchCommand(), &harnessFloorCommand(), &harnessHostileCommand()}) {
        if (name == command->name) return command;
    }
    return nullptr;
}

const Command& find(const std::string& name) {
    std::vector<std::string_view> names;
    for (const auto* command : commands()) {
        if (name == command->name) return *command;
        names.emplace_back(command->name);
    }
    const auto near = nearestWord(name, names);
    throw UsageError("unknown command '" + forLog(name) + "'" +
                     (near.empty() ? "" : "; did you mean " + std::string(near) + "?") +
                     " (netchat --help lists the commands)");
}

int printPage(const std::string& text) {
    return printOut("netchat", text);
}

int run(const Command& command, const std::vector<std::string>& words) {
    const auto arguments =
        Arguments::parse(command, words, [](const char* name) { return std::getenv(name); });
    if (arguments.helpWanted()) return printPage(helpPage(command));
    for (const std::string& warning : arguments.warnings()) {
        std::fprintf(stderr, "netchat %s: %s\n", command.name, warning.c_str());
    }
    return command.run(arguments);
}

int runHelp(const std::vector<std::string>& words) {
    if (words.size() < 2) return printPage(overview(commands()));
    const Command* const pair = findPair({words.begin() + 1, words.end()});
    return printPage(helpPage(pair ? *pair : find(words[1])));
}

// `who`: what messages begin with, "netchat" or "netchat serve".
int dispatch(const std::vector<std::string>& words, std::string& who) {
    if (words.empty()) {
        std::fputs(overview(commands()).c_str(), stderr);
        return kExitUsage;
    }
    const std::string& first = words[0];
    if (first == "--help" || first == "-h" || first == "help") return runHelp(words);
    if (first == "--version") return printPage("netchat " NETCHAT_VERSION "\n");
    const Command* const pair = findPair(words);
    const Command& command = pair ? *pair : find(first);
    who += std::string(" ") + command.name;
    return run(command, {words.begin() + (pair ? 2 : 1), words.end()});
}

// A standard stream that is closed at the start would give its number to the next socket, and what
// is printed would go there. Input that is closed is no empty input: whoever reads it is told.
void holdStandardStreams() {
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
        if (::fcntl(fd, F_GETFD) == -1) ::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDWR);
    }
}

int commandFailed(const std::string& who, const std::string& text, int code) {
    std::fprintf(stderr, "%s: %s\n", who.c_str(), text.c_str());
    return code;
}

}  // namespace

int runProgram(const std::vector<std::string>& words) {
    holdStandardStreams();
    std::string who = "netchat";
    try {
        return dispatch(words, who);
    } catch (const UsageError& error) {
        return commandFailed(who, error.what(), error.code());
    } catch (const Poco::Exception& fault) {
        return commandFailed(who, "internal error: " + forLog(fault.displayText(), 400),
                             kExitOurFault);
    } catch (const std::exception& fault) {
        return commandFailed(who, "internal error: " + forLog(fault.what(), 400), kExitOurFault);
    }
}

}  // namespace netchat::cmd

int main(int argc, char** argv) {
    netchat::net::prepareProcess();
    netchat::net::restrictProcess(argc < 2 || std::string_view(argv[1]) != "serve");
    return netchat::cmd::runProgram({argv + 1, argv + argc});
}
