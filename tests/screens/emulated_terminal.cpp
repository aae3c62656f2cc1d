#include "tests/screens/emulated_terminal.h"

#include <chrono>
#include <stdexcept>

namespace netchat::test {

namespace {

constexpr int64_t kPatienceUs = 30'000'000;  // a bound for what fails

}  // namespace

int64_t nowUs() {
    using namespace std::chrono;
    return duration_cast<microseconds>(steady_clock::now().time_since_epoch()).count();
}

void EmulatedTerminal::resize(int width, int height) {
    screen_.resize(width, height);
    child_.resize(width, height);
}

bool EmulatedTerminal::pump(int64_t timeoutUs) {
    const auto bytes = child_.read(timeoutUs);
    if (!bytes) return false;
    if (bytes->empty()) {
        throw std::runtime_error("the program ended (" + child_.ending() + "); it showed\n" +
                                 screen_.text());
    }
    bytesSeen_ += bytes->size();
    screen_.feed(*bytes);
    if (const std::string answers = screen_.takeAnswers(); !answers.empty()) type(answers);
    return true;
}

void EmulatedTerminal::watch(int64_t durationUs) {
    const int64_t end = nowUs() + durationUs;
    for (int64_t left = durationUs; left > 0; left = end - nowUs()) pump(left);
}

void EmulatedTerminal::waitUntil(const std::string& what,
                                 const std::function<bool(const Emulator&)>& seen) {
    const int64_t end = nowUs() + kPatienceUs;
    while (!seen(screen_)) {
        if (nowUs() > end || (!pump(end - nowUs()) && nowUs() > end)) {
            throw std::runtime_error("waited for " + what + ", but the screen has\n" +
                                     screen_.text());
        }
    }
}

void EmulatedTerminal::waitFor(std::string_view text) {
    waitUntil("'" + std::string(text) + "'", [text](const Emulator& screen) {
        return screen.text().find(text) != std::string::npos;
    });
}

void EmulatedTerminal::waitForQuiet(int64_t quietUs) {
    const int64_t end = nowUs() + kPatienceUs;
    while (pump(quietUs) && nowUs() < end) {
    }
}

}  // namespace netchat::test
