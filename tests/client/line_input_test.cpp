#include "modes/client/line_input.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <thread>
#include <vector>

#include "tests/support/temp_folder.h"

namespace netchat::client {
namespace {

// Collects lines until the end, pausing after each of the first `pauses`.
class Collector : public LineInput::Reader {
  public:
    explicit Collector(net::EventLoop& loop, int pauses = 0) : loop_(loop), pauses_(pauses) {}

    void read(int fd, size_t lineBytesMax = 100) {
        input_ = std::make_unique<LineInput>(loop_, fd, lineBytesMax, *this);
        auto guard = loop_.after(20'000, [this] { loop_.stop(); });
        loop_.run();
        loop_.cancel(guard);
        input_.reset();
    }

    void onLine(std::string_view line) override { take(std::string(line)); }
    void onLongLine() override { take("(long)"); }
    void onInputEnd() override {
        lines.push_back("(end)");
        loop_.stop();
    }
    void onInputFailed(const std::string& why) override {
        lines.push_back("(failed: " + why + ")");
        loop_.stop();
    }

    std::vector<std::string> lines;

  private:
    void take(std::string line) {
        EXPECT_FALSE(paused_) << line;
        lines.push_back(std::move(line));
        if (pauses_-- <= 0) return;
        paused_ = true;
        input_->setPaused(true);
        loop_.after(1, [this] {
            paused_ = false;
            input_->setPaused(false);
        });
    }

    net::EventLoop& loop_;
    int pauses_;
    bool paused_ = false;
    std::unique_ptr<LineInput> input_;
};

using Lines = std::vector<std::string>;

const std::string kText =
    "one\n\ntwo\r\n" + std::string(101, 'x') + "\n" + std::string(100, 'y') + "\nlast";
const Lines kLines{"one", "", "two\r", "(long)", std::string(100, 'y'), "last", "(end)"};

TEST(LineInput, WhatCannotBeReadIsNoEnd) {
    test::TempFolder folder;
    net::EventLoop loop;
    const int fd = open(folder.path().c_str(), O_RDONLY | O_CLOEXEC);
    Collector collector(loop);
    collector.read(fd);
    EXPECT_EQ(collector.lines, (Lines{"(failed: Is a directory)"}));
    close(fd);
}

TEST(LineInput, ReadsAPipeInAnyPieces) {
    for (int pauses : {0, 100}) {
        net::EventLoop loop;
        int ends[2];
        ASSERT_EQ(pipe(ends), 0);
        std::thread writer([&] {
            for (char c : kText) ASSERT_EQ(write(ends[1], &c, 1), 1);
            close(ends[1]);
        });
        Collector collector(loop, pauses);
        collector.read(ends[0]);
        writer.join();
        close(ends[0]);
        EXPECT_EQ(collector.lines, kLines);
    }
}

TEST(LineInput, ReadsAFileAlthoughEpollTakesNone) {
    test::TempFolder folder;
    std::string text = kText.substr(0, kText.size() - 4);
    Lines expected(kLines.begin(), kLines.end() - 2);
    for (int i = 0; i < 50'000; ++i) {
        text += std::to_string(i) + "\n";
        expected.push_back(std::to_string(i));
    }
    expected.push_back("(end)");
    for (int pauses : {0, 10}) {
        net::EventLoop loop;
        int fd = open(folder.write("lines", text).c_str(), O_RDONLY);
        Collector collector(loop, pauses);
        collector.read(fd);
        close(fd);
        EXPECT_EQ(collector.lines, expected);
    }
}

TEST(LineInput, EmptyInputsEnd) {
    for (const char* path : {"/dev/null"}) {
        net::EventLoop loop;
        int fd = open(path, O_RDONLY);
        Collector collector(loop);
        collector.read(fd);
        close(fd);
        EXPECT_EQ(collector.lines, Lines{"(end)"});
    }
}

TEST(LineInput, ALongLastLineIsTold) {
    net::EventLoop loop;
    test::TempFolder folder;
    int fd = open(folder.write("lines", "a\n" + std::string(1'000'000, 'x')).c_str(), O_RDONLY);
    Collector collector(loop);
    collector.read(fd);
    close(fd);
    EXPECT_EQ(collector.lines, (Lines{"a", "(long)", "(end)"}));
}

}  // namespace
}  // namespace netchat::client
