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

template <class C>
bool is(const Command& command) {
    return std::holds_alternative<C>(command);
}

void saidHolds(std::string_view line, const std::string& text) {
    HOLDS(!text.empty());
    HOLDS(line.find(text) != line.npos);
    // Said again as it is, it says the same. (The end of a line may be that of Windows.)
    if (text.ends_with('\r')) return;
    const Command again = parseLine((text.starts_with('!') ? "!" : "") + text);
    SAME(std::get<command::Say>(again).text, text);
}

void commandHolds(std::string_view line) {
    const Command command = parseLine(line);
    if (const auto* const wrong = std::get_if<command::Wrong>(&command)) {
        HOLDS(!wrong->why.empty());
        isSafeToShow(wrong->why);
    }
    if (const auto* const said = std::get_if<command::Say>(&command)) saidHolds(line, said->text);
    if (const auto* const operate = std::get_if<command::Operate>(&command)) {
        HOLDS(!operate->act.empty());
        HOLDS(!operate->target.empty());
    }
    const std::string path = withHome(line, "/home/me");
    HOLDS(path == line || line.starts_with('~'));
}

// Nothing that looks like a command of IRC is said before somebody was asked.
void typedHolds(std::string_view line) {
    TypedLine reader;
    const Command first = reader.read(line);
    const bool word = line.size() > 1 && line[0] == '/' &&
                      ((line[1] >= 'a' && line[1] <= 'z') || (line[1] >= 'A' && line[1] <= 'Z'));
    if (word) HOLDS(!is<command::Say>(first) && !is<command::Nothing>(first));
    if (const auto* const wrong = std::get_if<command::Wrong>(&first)) isSafeToShow(wrong->why);
    const Command second = reader.read(line);
    const auto* const ask = std::get_if<command::Ask>(&first);
    if (ask == nullptr) {
        HOLDS(second.index() == first.index());
        return;
    }
    isSafeToShow(ask->question);
    HOLDS(is<command::Say>(second));
    HOLDS(line.starts_with(std::get<command::Say>(second).text));
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
