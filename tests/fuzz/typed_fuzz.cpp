// What a person types: lines out of a stream, commands out of lines, files out of a list.

#include <algorithm>

#include "modes/connect/command_line.h"
#include "modes/connect/file_list.h"
#include "modes/connect/formatter.h"
#include "protocol/limits.h"
#include "tests/fuzz/harmless.h"

namespace netchat::fuzz {
namespace {

using namespace connect;

void commandHolds(std::string_view line) {
    const Command command = parseLine(line);
    if (command.verb == Verb::Wrong) {
        HOLDS(!command.text.empty());
        isSafeToShow(command.text);
    }
    if (command.verb == Verb::Nothing) HOLDS(command.text.empty() && command.argument.empty());
    if (command.verb == Verb::Say) {
        HOLDS(!command.text.empty());
        HOLDS(line.find(command.text) != line.npos);
        // Said again as it is, it says the same.
        const std::string again = (command.text.starts_with('!') ? "!" : "") + command.text;
        SAME(parseLine(again).text, command.text);
    }
    if (command.verb == Verb::Operate) HOLDS(!command.act.empty());
    const std::string path = withHome(line, "/home/me");
    HOLDS(path == line || line.starts_with('~'));
}

void listHolds(Choices choices) {
    FileList files;
    const std::string name(choices.line()), from(choices.line()), sha256(choices.line());
    client::Event event{};
    event.kind = client::EventKind::File;
    event.name = name, event.from = from, event.sha256 = sha256, event.room = "lobby";
    event.size = 1234;
    files.announced(event, false);
    HOLDS(files.all().size() == 1);
    const std::string sought(choices.rest());
    (void)files.find(sought);
    HOLDS(files.find("1") != nullptr);
    const auto all = files.all();
    for (const auto& line : fileLines(all)) isSafeToShow(line);
}

}  // namespace
}  // namespace netchat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace netchat::fuzz;
    const auto text = textOf(data, size);
    commandHolds(text);
    Choices lines(text);
    while (!lines.empty()) commandHolds(lines.line());
    listHolds(Choices(text));
    return 0;
}
