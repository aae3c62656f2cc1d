#include "modes/bot/lines_mode.h"

#include "protocol/limits.h"
#include "protocol/text_safety.h"
#include "protocol/utf8.h"

namespace netchat::bot {

void LinesMode::onReady() {
    input_ = std::make_unique<client::LineInput>(loop(), inputFd_, limits::kTextBytesMax, *this);
}

// The output of programs may hold anything; what is not UTF-8 is said as U+FFFD. A blank line says
// nothing, and the original's server takes an empty message for a goodbye.
void LinesMode::onLine(std::string_view line) {
    ++lines_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.find_first_not_of(" \t") == std::string_view::npos) return;
    if (utf8::isValid(line)) {
        say(line);
    } else {
        say(utf8::repaired(line));
    }
}

void LinesMode::say(std::string_view text) {
    if (settings().client.classic) {
        chat().say(kLobby, text);
        ++said_;
    } else {
        for (const std::string& room : settings().rooms) {
            chat().say(room, text);
            ++said_;
        }
    }
    regulate();
}

void LinesMode::onLongLine() {
    ++lines_, ++refused_;
    print("line " + std::to_string(lines_) + " is longer than " +
          std::to_string(limits::kTextBytesMax) +
          " bytes and was not sent; send a long text as a file");
}

bool LinesMode::onHeard(const client::Event& event) {
    const auto* const refused = std::get_if<client::event::Refused>(&event);
    if (refused != nullptr && (refused->re == "say" || !refused->id.empty())) {
        ++refused_;
        print("not sent: " + forLog(refused->text, 300) + " (" + forLog(refused->code) + ")");
    }
    regulate();
    return true;
}

void LinesMode::regulate() {
    if (!ready() || !input_) return;
    input_->setPaused(chat().unacknowledged() >= kLinesWindow);
    if (chat().unacknowledged() == 0) return;
    poll();
    if (stall_ == 0) stall();
}

// While anything waits for the log, some of it must get there within each timeout.
void LinesMode::stall() {
    acknowledgedSeen_ = said_ - chat().unacknowledged();
    stall_ = loop().after(settings().timeoutMs, [this] {
        stall_ = 0;
        size_t waiting = chat().unacknowledged();
        if (!ready() || waiting == 0) return;
        if (away()) return stall();
        if (said_ - waiting > acknowledgedSeen_) return stall();
        leave({kTimedOut, "the server has stopped accepting lines; " + std::to_string(waiting) +
                              " may not be in the log"});
    });
}

void LinesMode::onInputFailed(const std::string& why) {
    inputFailure_ = "stdin cannot be read: " + why;
    drain();
}

Outcome LinesMode::onDrained() {
    if (!inputFailure_.empty()) return {kFile, inputFailure_};
    if (refused_ == 0) return {};
    return {kNotHeld, std::to_string(refused_) + " of " + std::to_string(lines_) +
                          " lines could not be sent"};
}

}  // namespace netchat::bot
