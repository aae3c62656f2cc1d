#include "tests/screens/measure.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <string_view>
#include <thread>
#include <vector>

#include "tests/screens/company.h"
#include "tests/screens/process_usage.h"
#include "tests/screens/talker.h"

namespace netchat::test {

namespace {

constexpr int kStarts = 20, kKeys = 400, kKeysOfALine = 60;
constexpr unsigned kPerSecond = 1'000, kLines = 100'000, kLinesPerSecond = 10'000;
constexpr unsigned kForever = 10'000'000;
constexpr int64_t kSecondUs = 1'000'000;
constexpr int64_t kIdleUs = 5 * kSecondUs, kBusyUs = 10 * kSecondUs;
constexpr std::string_view kClearLine = "\x15";

using Times = std::vector<int64_t>;  // microseconds

double at(Times times, double part) {
    std::sort(times.begin(), times.end());
    const double index = part * static_cast<double>(times.size() - 1);
    return static_cast<double>(times[static_cast<size_t>(std::lround(index))]) / 1000;
}

void printTimes(const char* what, const Times& times) {
    std::printf("%-44s %8.2f %8.2f %8.2f ms\n", what, at(times, 0.5), at(times, 0.99),
                at(times, 1));
}

void printFigure(const char* what, double figure, const char* unit) {
    std::printf("%-44s %8.1f %s\n", what, figure, unit);
}

bool statusHas(const Emulator& screen, std::string_view text) {
    return screen.row(screen.height() - 2).find(text) != std::string::npos;
}

// ---- the start

void measureStarts(Company& company) {
    Times drawn, connected;
    for (int i = 0; i < kStarts; ++i) {
        const int64_t begin = nowUs();
        const auto screen = company.looksAt("maya", "lobby");
        screen->waitUntil("a screen",
                          [](const Emulator& now) { return statusHas(now, "F1 help"); });
        drawn.push_back(nowUs() - begin);
        screen->waitUntil("a connection", [](const Emulator& now) {
            return statusHas(now, "connected") &&
                   now.text().find("you are in") != std::string::npos;
        });
        connected.push_back(nowUs() - begin);
        screen->stop();
    }
    printTimes("exec to the first screen", drawn);
    printTimes("exec to the room on the screen", connected);
}

// ---- the echo

// The pauses keep no step with the frames.
Times echoes(EmulatedTerminal& screen) {
    Times times;
    const int row = kScreenHeight - 1;
    unsigned seed = 1;
    for (int i = 0; i < kKeys; ++i) {
        const int column = 2 + i % kKeysOfALine;
        const std::string key(1, static_cast<char>('a' + i % 26));
        const int64_t begin = nowUs();
        screen.type(key);
        screen.waitUntil("the echo",
                         [&](const Emulator& now) { return now.cell(column, row).text == key; });
        times.push_back(nowUs() - begin);
        seed = seed * 1'664'525 + 1'013'904'223;
        screen.watch(8'000 + (seed >> 16) % 24'000);
        if (column != kKeysOfALine + 1) continue;
        screen.type(kClearLine);
        screen.waitUntil("an empty line",
                         [&](const Emulator& now) { return now.cell(2, row).text == " "; });
    }
    screen.type(kClearLine);
    screen.watch(50'000);
    return times;
}

// ---- the work

struct Work {
    double cpuPercent, bytesPerSecond;
};

Work workOf(EmulatedTerminal& screen, int64_t durationUs) {
    const int64_t begin = nowUs(), cpu = cpuMs(screen.pid());
    const uint64_t bytes = screen.bytesSeen();
    screen.watch(durationUs);
    const double seconds = static_cast<double>(nowUs() - begin) / kSecondUs;
    return {static_cast<double>(cpuMs(screen.pid()) - cpu) / 10 / seconds,
            static_cast<double>(screen.bytesSeen() - bytes) / seconds};
}

void printWork(const Work& work, const char* processor, const char* terminal) {
    printFigure(processor, work.cpuPercent, "% of a core");
    printFigure(terminal, work.bytesPerSecond / 1024, "KiB/s");
}

void measureWork(Company& company) {
    const auto screen = company.looksAt("maya", "lobby");
    screen->waitFor("connected");
    screen->watch(kSecondUs);
    printTimes("key to echo, idle", echoes(*screen));
    printWork(workOf(*screen, kIdleUs), "processor, idle", "to the terminal, idle");
    const Talker talker(company.port(), kPerSecond, kForever);
    screen->watch(kSecondUs);
    printWork(workOf(*screen, kBusyUs), "processor, 1,000 messages/s",
              "to the terminal, 1,000 messages/s");
    printTimes("key to echo, 1,000 messages/s", echoes(*screen));
}

void measureMemory(Company& company) {
    const auto screen = company.looksAt("maya", "lobby");
    screen->waitFor("connected");
    screen->watch(kSecondUs);
    printFigure("memory, at the start", static_cast<double>(residentKiB(screen->pid())) / 1024,
                "MiB");
    const Talker talker(company.port(), kLinesPerSecond, kLines);
    screen->waitFor(Talker::textOf(kLines).substr(0, 12));
    screen->watch(kSecondUs);
    printFigure("memory, 100,000 lines later",
                static_cast<double>(residentKiB(screen->pid())) / 1024, "MiB");
}

}  // namespace

void measure(const std::string& netchat) {
    double load = 0;
    ::getloadavg(&load, 1);
    std::printf("netchat connect, %d columns of %d rows; %u cores, load %.1f before\n\n",
                kScreenWidth, kScreenHeight, std::thread::hardware_concurrency(), load);
    std::printf("%-44s %8s %8s %8s\n", "", "p50", "p99", "max");
    Company company(netchat);
    measureStarts(company);
    measureWork(company);
    // A server of its own: what was said before is not told again.
    Company others(netchat);
    measureMemory(others);
}

}  // namespace netchat::test
