// What a person types: lines out of a stream, commands out of lines, files out of a list.

#include <unistd.h>

#include <algorithm>

#include "modes/client/line_input.h"
#include "modes/connect/command_line.h"
#include "modes/connect/file_list.h"
#include "modes/connect/formatter.h"
#include "modes/connect/typed_line.h"
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
        // Said again as it is, it says the same. (The end of a line may be that of Windows.)
        if (command.text.ends_with('\r')) return;
        const std::string again = (command.text.starts_with('!') ? "!" : "") + command.text;
        SAME(parseLine(again).text, command.text);
    }
    if (command.verb == Verb::Operate) HOLDS(!command.act.empty());
    const std::string path = withHome(line, "/home/me");
    HOLDS(path == line || line.starts_with('~'));
}

// Nothing that looks like a command of IRC is said before somebody was asked.
void typedHolds(std::string_view line) {
    TypedLine reader;
    const Command first = reader.read(line);
    const bool word = line.size() > 1 && line[0] == '/' &&
                      ((line[1] >= 'a' && line[1] <= 'z') || (line[1] >= 'A' && line[1] <= 'Z'));
    if (word) HOLDS(first.verb != Verb::Say && first.verb != Verb::Nothing);
    if (first.verb == Verb::Wrong || first.verb == Verb::Ask) isSafeToShow(first.text);
    const Command second = reader.read(line);
    if (first.verb != Verb::Ask) {
        HOLDS(second.verb == first.verb);
        return;
    }
    HOLDS(second.verb == Verb::Say);
    HOLDS(line.starts_with(second.text));
}

void listHolds(Choices choices) {
    FileList files;
    const std::string name(choices.line()), from(choices.line()), sha256(choices.line());
    files.announced({.room = "lobby", .from = from, .name = name, .sha256 = sha256, .size = 1234},
                    false);
    HOLDS(files.all().size() == 1);
    const std::string sought(choices.rest());
    (void)files.find(sought);
    HOLDS(files.find("1") != nullptr);
    const auto all = files.all();
    for (const auto& line : fileLines(all)) isSafeToShow(line);
}

constexpr size_t kLineMax = 20;

// Told of lines, and asks for a pause after some of them.
class Typist : public client::LineInput::Reader {
  public:
    void onLine(std::string_view line) override {
        HOLDS(!paused_ && !ended);
        lines.append(line).append("\n");
        if (line.size() % 3 == 1) pause(true);
    }
    void onLongLine() override {
        HOLDS(!paused_ && !ended);
        lines += "(too long)\n";
    }
    void onInputEnd() override { ended = true; }
    void pause(bool on) {
        paused_ = on;
        input->setPaused(on);
    }

    std::string lines;
    bool ended = false;
    client::LineInput* input = nullptr;

  private:
    bool paused_ = false;
};

// Whatever pieces a stream comes in, and whenever its reader pauses, its lines are told, and no
// others.
void streamHolds(std::string_view text) {
    static net::EventLoop loop;
    std::string expected;
    Choices choices(text);
    while (!choices.empty()) {
        const auto line = choices.line();
        expected += line.size() > kLineMax ? "(too long)\n" : std::string(line) + "\n";
    }
    int ends[2];
    HOLDS(::pipe(ends) == 0);
    const auto turn = [] {
        loop.post([] { loop.stop(); });
        loop.run();
    };
    Typist typist;
    client::LineInput input(loop, ends[0], kLineMax, typist);
    typist.input = &input;
    for (const auto piece : cut(text)) {
        HOLDS(::write(ends[1], piece.data(), piece.size()) == static_cast<ssize_t>(piece.size()));
        turn();
        if (piece.size() % 2 == 0) typist.pause(false);
    }
    ::close(ends[1]);
    for (size_t i = 0; i < text.size() + 10 && !typist.ended; ++i) {
        typist.pause(false);
        turn();
    }
    HOLDS(typist.ended);
    SAME(typist.lines, expected);
    ::close(ends[0]);
}

}  // namespace
}  // namespace netchat::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace netchat::fuzz;
    const auto text = textOf(data, size);
    commandHolds(text);
    typedHolds(text);
    Choices lines(text);
    while (!lines.empty()) {
        const auto line = lines.line();
        commandHolds(line);
        typedHolds(line);
    }
    listHolds(Choices(text));
    streamHolds(text.substr(0, 150));
    return 0;
}
