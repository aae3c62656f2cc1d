#include "modes/connect/typed_lines.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <string>
#include <vector>

namespace netchat::connect {
namespace {

using ::testing::ElementsAre;

// Collects lines; stops the loop at the end of the input, or when `stopAfter` lines came.
class Collector : public Input::Reader {
  public:
    Collector(net::EventLoop& loop, Input& input) : loop_(loop), input_(input) {}

    void onLine(std::string_view line) override {
        lines.emplace_back(line);
        if (lines.size() != pauseAfter) return;
        input_.setPaused(true);
        loop_.stop();
    }
    void onLongLine() override { lines.emplace_back("(too long)"); }
    void onInputEnd() override {
        ended = true;
        loop_.stop();
    }

    std::vector<std::string> lines;
    size_t pauseAfter = 0;
    bool ended = false;

  private:
    net::EventLoop& loop_;
    Input& input_;
};

class TypedLinesTest : public ::testing::Test {
  protected:
    TypedLinesTest() { EXPECT_EQ(::pipe(pipe_.data()), 0); }
    ~TypedLinesTest() override {
        for (const int fd : pipe_) {
            if (fd >= 0) ::close(fd);
        }
    }
    void put(const std::string& text) {
        ASSERT_EQ(::write(pipe_[1], text.data(), text.size()), ssize_t(text.size()));
    }
    void endOfInput() {
        ::close(pipe_[1]);
        pipe_[1] = -1;
    }

    std::array<int, 2> pipe_{};
    net::EventLoop loop_;
};

TEST_F(TypedLinesTest, ReadsLinesFromAPipe) {
    TypedLines input(loop_, pipe_[0]);
    Collector collector(loop_, input);
    put("one\ntwo\nlast");
    endOfInput();
    input.start(collector);
    loop_.run();
    EXPECT_THAT(collector.lines, ElementsAre("one", "two", "last"));
    EXPECT_TRUE(collector.ended);
}

TEST_F(TypedLinesTest, HoldsTheRestOfAReadWhilePaused) {
    TypedLines input(loop_, pipe_[0]);
    Collector collector(loop_, input);
    collector.pauseAfter = 1;
    put("one\ntwo\n");
    endOfInput();
    input.start(collector);
    loop_.run();
    EXPECT_THAT(collector.lines, ElementsAre("one"));
    input.setPaused(false);
    loop_.run();
    EXPECT_THAT(collector.lines, ElementsAre("one", "two"));
    EXPECT_TRUE(collector.ended);
}

TEST_F(TypedLinesTest, ReadsFilesWhichEpollDoesNotTake) {
    std::FILE* file = std::tmpfile();
    std::string all;
    for (int i = 0; i < 50'000; ++i) all += std::to_string(i) + "\n";
    std::fputs(all.c_str(), file);
    std::rewind(file);
    TypedLines input(loop_, ::fileno(file));
    Collector collector(loop_, input);
    input.start(collector);
    loop_.run();
    EXPECT_EQ(collector.lines.size(), 50'000u);
    EXPECT_EQ(collector.lines.back(), "49999");
    std::fclose(file);
}

TEST_F(TypedLinesTest, TakesTheNullDeviceForAnEnd) {
    const int fd = ::open("/dev/null", O_RDONLY | O_CLOEXEC);
    TypedLines input(loop_, fd);
    Collector collector(loop_, input);
    input.start(collector);
    loop_.run();
    EXPECT_TRUE(collector.ended);
    EXPECT_TRUE(collector.lines.empty());
    ::close(fd);
}

TEST_F(TypedLinesTest, TakesWhatCannotBeReadForAnEnd) {
    TypedLines input(loop_, 1'000'000);
    Collector collector(loop_, input);
    input.start(collector);
    loop_.run();
    EXPECT_TRUE(collector.ended);
}

}  // namespace
}  // namespace netchat::connect
