#include "modes/connect/screen/transfer_board.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "modes/connect/screen/text/graphemes.h"

namespace netchat::connect {
namespace {

using ::testing::AnyOf;
using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

constexpr uint64_t kMiB = 1024 * 1024;
constexpr size_t kWide = 100;

TransferSample upload(uint64_t done, uint64_t size, std::string name = "name",
                      std::string key = "1") {
    return {
        .upload = true, .key = std::move(key), .name = std::move(name), .done = done, .size = size};
}

TransferSample download(uint64_t done, uint64_t size, std::string name = "name",
                        std::string key = "aa") {
    return {.upload = false,
            .key = std::move(key),
            .name = std::move(name),
            .done = done,
            .size = size};
}

TransferSample waiting(TransferSample sample) {
    sample.waiting = true;
    return sample;
}

TransferSample hashing(TransferSample sample) {
    sample.hashing = true;
    return sample;
}

// A board with a clock of its own.
class Board {
  public:
    void sees(std::vector<TransferSample> samples) { board_.update(samples, nowMs_); }
    void waits(int64_t ms) { nowMs_ += ms; }
    // From `from` on at so many bytes a second, with a look each `stepMs`.
    uint64_t moves(TransferSample from, uint64_t bytesPerSecond, int64_t ms, int64_t stepMs = 100) {
        const uint64_t first = from.done;
        sees({from});
        for (int64_t t = stepMs; t <= ms; t += stepMs) {
            waits(stepMs);
            from.done = first + bytesPerSecond * static_cast<uint64_t>(t) / 1000;
            sees({from});
        }
        return from.done;
    }
    std::string line(size_t columns = kWide) const { return board_.line(columns, nowMs_); }
    std::vector<std::string> lines(size_t columns = kWide) const {
        return board_.lines(columns, nowMs_);
    }
    std::string meanRate(std::string_view key, uint64_t size) const {
        return board_.meanRate(key, size, nowMs_);
    }
    std::string timeOf(std::string_view key) const { return board_.timeOf(key, nowMs_); }
    std::string found(std::string_view which) const {
        const auto sample = board_.find(which);
        return sample ? sample->key : "none";
    }
    const TransferBoard& board() const { return board_; }

  private:
    TransferBoard board_;
    int64_t nowMs_ = 1'000'000;
};

// ---- one transfer

TEST(TransferBoard, TellsAllOfOneTransfer) {
    Board board;
    EXPECT_TRUE(board.board().empty());
    EXPECT_EQ(board.line(), "");
    board.moves(upload(0, 100 * kMiB), 4 * kMiB, 10'000);
    EXPECT_EQ(board.line(), "↑ name 40% [####----] 40/100 MiB 4.0 MiB/s ETA 0:15");
    EXPECT_EQ(board.board().size(), 1u);
}

TEST(TransferBoard, IsLikeTheExampleOfItsHeader) {
    Board board;
    const auto size = static_cast<uint64_t>(48.01 * kMiB);
    const auto rate = static_cast<uint64_t>(4.25 * kMiB);
    board.moves(upload(size * 21 / 100, size), rate, 2'400);
    EXPECT_EQ(board.line(), "↑ name 42% [####----] 20.2/48.0 MiB 4.2 MiB/s ETA 0:07");
}

TEST(TransferBoard, TakesTheUnitOfTheSizeForBoth) {
    const auto sizes = [](uint64_t done, uint64_t size) {
        Board board;
        board.sees({waiting(upload(done, size))});
        return board.line();
    };
    EXPECT_THAT(sizes(100, 512), HasSubstr(" 100/512 B "));
    EXPECT_THAT(sizes(100, 1024), HasSubstr(" 0.0/1.0 KiB "));
    EXPECT_THAT(sizes(1023, 1024), HasSubstr(" 0.9/1.0 KiB "));
    EXPECT_THAT(sizes(3 * kMiB, 222 * kMiB), HasSubstr(" 3/222 MiB "));
    EXPECT_THAT(sizes(kMiB, 1024 * kMiB), HasSubstr(" 0.0/1.0 GiB "));
    EXPECT_THAT(sizes(kMiB, UINT64_MAX), HasSubstr(" 0/16383 PiB "));
}

TEST(TransferBoard, SaysAHundredPercentOnlyAtTheEnd) {
    const auto percent = [](uint64_t done, uint64_t size) {
        Board board;
        board.sees({hashing(upload(done, size))});
        return board.line();
    };
    EXPECT_EQ(percent(0, 100), "↑ name 0% reading");
    EXPECT_EQ(percent(29, 100), "↑ name 29% reading");
    EXPECT_EQ(percent(999'999'999, 1'000'000'000), "↑ name 99% reading");
    EXPECT_EQ(percent(UINT64_MAX - 1, UINT64_MAX), "↑ name 99% reading");
    EXPECT_EQ(percent(UINT64_MAX / 2, UINT64_MAX), "↑ name 50% reading");
    EXPECT_EQ(percent(7, 7), "↑ name 100% reading");
    EXPECT_EQ(percent(9, 7), "↑ name 100% reading") << "more than all is all";
    EXPECT_EQ(percent(0, 0), "↑ name 100% reading");
}

TEST(TransferBoard, FillsTheBarOnlyAtTheEnd) {
    const auto bar = [](uint64_t done) {
        Board board;
        board.sees({download(done, 800)});
        const std::string line = board.line();
        return line.substr(line.find('['), 10);
    };
    EXPECT_EQ(bar(0), "[--------]");
    EXPECT_EQ(bar(1), "[#-------]");
    EXPECT_EQ(bar(399), "[####----]");
    EXPECT_EQ(bar(799), "[#######-]");
    EXPECT_EQ(bar(800), "[########]");
}

TEST(TransferBoard, TakesFilesOfNothing) {
    Board board;
    board.sees({download(0, 0)});
    board.waits(60'000);
    EXPECT_EQ(board.line(), "↓ name 100% [########] 0/0 B ETA 0:00");
}

TEST(TransferBoard, MakesNamesHarmless) {
    Board board;
    board.sees({hashing(upload(0, 1, "a\x1b[31mb\nc"))});
    EXPECT_THAT(board.line(), Not(HasSubstr("\x1b")));
    EXPECT_THAT(board.line(), Not(HasSubstr("\n")));
    board.sees({hashing(upload(0, 1, "renamed"))});
    EXPECT_EQ(board.line(), "↑ renamed 0% reading");
}

// ---- the rate

TEST(TransferBoard, SaysNoRateBeforeItHasMovedForAWhile) {
    Board board;
    board.sees({download(0, 100 * kMiB)});
    board.waits(2'000);
    board.sees({download(0, 100 * kMiB)});
    EXPECT_EQ(board.line(), "↓ name 0% [--------] 0/100 MiB ETA -:--");
    board.waits(100);
    board.sees({download(5 * kMiB, 100 * kMiB)});
    EXPECT_THAT(board.line(), EndsWith(" 5/100 MiB ETA -:--"));
    board.waits(300);
    board.sees({download(5 * kMiB, 100 * kMiB)});
    EXPECT_THAT(board.line(), EndsWith("ETA -:--")) << "0.4 s";
    board.waits(100);
    board.sees({download(5 * kMiB, 100 * kMiB)});
    EXPECT_THAT(board.line(), HasSubstr(" MiB/s "));
}

TEST(TransferBoard, BeginsWithTheTrueRate) {
    Board board;
    board.moves(download(0, 100 * kMiB), 2 * kMiB, 500);
    EXPECT_EQ(board.line(), "↓ name 1% [#-------] 1/100 MiB 2.0 MiB/s ETA 0:50");
}

TEST(TransferBoard, CountsNothingThatWasThereBefore) {
    Board board;
    board.moves(download(50 * kMiB, 100 * kMiB), kMiB, 1'000);
    EXPECT_THAT(board.line(), EndsWith(" 51/100 MiB 1.0 MiB/s ETA 0:49"));
}

TEST(TransferBoard, DoesNotDependOnHowOftenItLooks) {
    for (const int64_t stepMs : {1, 7, 100, 500, 1'000}) {
        Board board;
        board.moves(download(0, 1000 * kMiB), 3 * kMiB, 7'000, stepMs);
        EXPECT_THAT(board.line(), HasSubstr(" 3.0 MiB/s ")) << stepMs;
    }
}

TEST(TransferBoard, IsSmoothWhereBytesComeInLumps) {
    Board board;
    uint64_t done = 0;
    for (int n = 0; n < 100; ++n) {
        board.sees({download(done, 1000 * kMiB)});
        board.waits(n % 2 ? 10 : 190);
        done += n % 4 == 0 ? 4 * kMiB : 0;
    }
    EXPECT_THAT(board.line(), AnyOf(HasSubstr(" 9."), HasSubstr(" 10 MiB/s "))) << "4 MiB in 0.4 s";
}

TEST(TransferBoard, FollowsAChangeOfPace) {
    Board board;
    uint64_t done = board.moves(download(0, 1000 * kMiB), 8 * kMiB, 30'000);
    done = board.moves(download(done, 1000 * kMiB), 2 * kMiB, 3'000);
    EXPECT_THAT(board.line(), HasSubstr(" 4.2 MiB/s ")) << "2 + 6 / e";
    board.moves(download(done, 1000 * kMiB), 2 * kMiB, 30'000);
    EXPECT_THAT(board.line(), HasSubstr(" 2.0 MiB/s "));
}

TEST(TransferBoard, TakesTwoLooksInOneMoment) {
    Board board;
    board.sees({download(0, kMiB)});
    board.sees({download(kMiB / 4, kMiB)});
    EXPECT_THAT(board.line(), EndsWith("ETA -:--"));
    board.waits(1'000);
    board.sees({download(kMiB / 2, kMiB)});
    EXPECT_THAT(board.line(), HasSubstr(" 512 KiB/s ")) << "none of the bytes is lost";
}

TEST(TransferBoard, BeginsTheRateAnewWhereATransferGoesBack) {
    Board board;
    board.moves(upload(0, 100 * kMiB), 8 * kMiB, 5'000);
    board.waits(100);
    board.sees({upload(30 * kMiB, 100 * kMiB)});
    EXPECT_EQ(board.line(), "↑ name 30% [###-----] 30/100 MiB ETA -:--");
    board.moves(upload(30 * kMiB, 100 * kMiB), kMiB, 1'000);
    EXPECT_THAT(board.line(), HasSubstr(" 1.0 MiB/s "));
}

TEST(TransferBoard, ShowsRatesThatNoNetworkHas) {
    Board board;
    board.sees({download(0, UINT64_MAX)});
    board.waits(1);
    board.sees({download(UINT64_MAX - 1, UINT64_MAX)});
    board.waits(1'000);
    board.sees({download(UINT64_MAX - 1, UINT64_MAX)});
    EXPECT_THAT(board.line(), HasSubstr("TiB/s ETA 0:01"));
}

// ---- states

TEST(TransferBoard, SaysThatOneIsStalled) {
    Board board;
    const uint64_t done = board.moves(download(0, 100 * kMiB), 4 * kMiB, 10'000);
    board.waits(TransferBoard::kStalledMs - 1);
    EXPECT_THAT(board.line(), Not(HasSubstr("stalled")));
    board.waits(1);
    EXPECT_EQ(board.line(), "↓ name 40% [####----] 40/100 MiB stalled");
    board.sees({download(done, 100 * kMiB)});
    EXPECT_THAT(board.line(), EndsWith("stalled"));
    board.waits(100);
    board.sees({download(done + 1, 100 * kMiB)});
    EXPECT_THAT(board.line(), Not(HasSubstr("stalled")));
}

TEST(TransferBoard, SaysThatOneWhichNeverBeganIsStalled) {
    Board board;
    board.sees({download(0, 100)});
    board.waits(TransferBoard::kStalledMs);
    EXPECT_EQ(board.line(), "↓ name 0% [--------] 0/100 B stalled");
}

TEST(TransferBoard, IsNotStalledWhereNothingIsLeftToMove) {
    Board board;
    board.sees({upload(100, 100)});
    board.waits(60'000);
    EXPECT_EQ(board.line(), "↑ name 100% [########] 100/100 B ETA 0:00");
}

TEST(TransferBoard, IsNotStalledWhileItWaits) {
    Board board;
    const uint64_t done = board.moves(upload(0, 100 * kMiB), 4 * kMiB, 10'000);
    board.sees({waiting(upload(done, 100 * kMiB))});
    board.waits(600'000);
    EXPECT_EQ(board.line(), "↑ name 40% [####----] 40/100 MiB waiting");
    board.sees({upload(done, 100 * kMiB)});
    EXPECT_EQ(board.line(), "↑ name 40% [####----] 40/100 MiB ETA -:--") << "its rate is anew";
    board.moves(upload(done, 100 * kMiB), kMiB, 1'000);
    EXPECT_THAT(board.line(), HasSubstr(" 1.0 MiB/s "));
}

TEST(TransferBoard, DoesNotTakeReadingForSending) {
    Board board;
    board.moves(hashing(upload(0, 100 * kMiB)), 400 * kMiB, 100);
    EXPECT_EQ(board.line(), "↑ name 40% reading");
    board.waits(600'000);
    EXPECT_EQ(board.line(), "↑ name 40% reading") << "never stalled";
    EXPECT_EQ(board.timeOf("1"), "");
    board.moves(upload(0, 100 * kMiB), kMiB, 1'000);
    EXPECT_EQ(board.line(), "↑ name 1% [#-------] 1/100 MiB 1.0 MiB/s ETA 1:39");
    EXPECT_EQ(board.timeOf("1"), "0:01");
}

// ---- several

TEST(TransferBoard, TellsOfSeveralInOneLine) {
    Board board;
    for (uint64_t s = 0; s <= 10; ++s) {
        board.sees({upload(2 * s * kMiB, 30 * kMiB, "a", "1"),
                    upload(s * kMiB, 70 * kMiB, "b", "2"), download(9 * s * kMiB, 122 * kMiB)});
        board.waits(s < 10 ? 1'000 : 0);
    }
    EXPECT_EQ(board.line(), "↑2 ↓1 54% [#####---] 120/222 MiB 12 MiB/s ETA 0:09");
    EXPECT_THAT(board.lines(),
                ElementsAre("1 ↑ a 66% [######--] 20.0/30.0 MiB 2.0 MiB/s ETA 0:05",
                            "2 ↑ b 14% [##------] 10.0/70.0 MiB 1.0 MiB/s ETA 1:00",
                            "3 ↓ name 73% [######--] 90/122 MiB 9.0 MiB/s ETA 0:04"));
}

TEST(TransferBoard, CountsOnlyDirectionsThatThereAre) {
    Board board;
    board.sees({download(1, 2, "a", "1"), download(1, 2, "b", "2")});
    EXPECT_THAT(board.line(), StartsWith("↓2 50% "));
    board.sees({upload(1, 2, "a", "1"), upload(1, 2, "b", "2"), upload(1, 2, "c", "3")});
    EXPECT_THAT(board.line(), StartsWith("↑3 50% "));
}

TEST(TransferBoard, TellsApartTheSameKeyInBothDirections) {
    Board board;
    board.sees({upload(1, 2, "a", "k"), download(1, 2, "a", "k")});
    EXPECT_THAT(board.line(), StartsWith("↑1 ↓1 "));
}

TEST(TransferBoard, TakesAKeyOnce) {
    Board board;
    board.sees({upload(1, 2), upload(2, 2)});
    EXPECT_EQ(board.board().size(), 1u);
}

TEST(TransferBoard, SaysOfSeveralWhatTheBusiestDoes) {
    Board board;
    const auto all = [&](TransferSample a, TransferSample b, int64_t ms) {
        board.sees({});
        board.sees({a, b});
        board.waits(ms);
        return board.line();
    };
    const auto a = upload(10, 100, "a", "1"), b = download(30, 100);
    EXPECT_EQ(all(waiting(a), waiting(b), 60'000), "↑1 ↓1 20% [##------] 40/200 B waiting");
    EXPECT_EQ(all(waiting(a), b, 60'000), "↑1 ↓1 20% [##------] 40/200 B stalled");
    EXPECT_EQ(all(hashing(a), b, 60'000), "↑1 ↓1 15% [##------] 30/200 B stalled");
    EXPECT_EQ(all(hashing(a), waiting(b), 0), "↑1 ↓1 20% reading");
    EXPECT_EQ(all(waiting(a), b, 0), "↑1 ↓1 20% [##------] 40/200 B ETA -:--");
}

TEST(TransferBoard, AddsHugeSizesWithoutOverflow) {
    Board board;
    board.sees({download(UINT64_MAX, UINT64_MAX, "a", "1"), download(5, UINT64_MAX, "b", "2")});
    EXPECT_THAT(board.line(), StartsWith("↓2 100% "));
}

TEST(TransferBoard, KeepsTheOrderOfBeginning) {
    Board board;
    board.sees({upload(0, 9, "a", "1")});
    board.sees({upload(0, 9, "b", "2"), upload(0, 9, "a", "1")});
    board.sees({upload(0, 9, "c", "3"), upload(0, 9, "b", "2"), upload(0, 9, "a", "1")});
    const auto lines = board.lines();
    ASSERT_EQ(lines.size(), 3u);
    EXPECT_THAT(lines,
                ElementsAre(StartsWith("1 ↑ a "), StartsWith("2 ↑ b "), StartsWith("3 ↑ c ")));
    board.sees({upload(0, 9, "c", "3"), upload(0, 9, "a", "1")});
    EXPECT_THAT(board.lines(), ElementsAre(StartsWith("1 ↑ a "), StartsWith("3 ↑ c ")));
    board.sees({});
    EXPECT_TRUE(board.board().empty());
    EXPECT_TRUE(board.lines().empty());
}

// ---- in few columns

TEST(TransferBoard, LeavesPartsOutAsItGetsNarrower) {
    Board board;
    board.moves(upload(0, 100 * kMiB), 4 * kMiB, 10'000);
    EXPECT_EQ(board.line(51), "↑ name 40% [####----] 40/100 MiB 4.0 MiB/s ETA 0:15");
    EXPECT_EQ(board.line(50), "↑ name 40% [####----] 40/100 MiB 4.0 MiB/s");
    EXPECT_EQ(board.line(41), "↑ name 40% [####----] 40/100 MiB");
    EXPECT_EQ(board.line(31), "↑ name 40% 40/100 MiB");
    EXPECT_EQ(board.line(20), "↑ name 40%");
    EXPECT_EQ(board.line(9), "↑ na… 40%");
    EXPECT_EQ(board.line(8), "↑ n… 40%");
    EXPECT_EQ(board.line(7), "↑ 40%");
    EXPECT_EQ(board.line(4), "40%");
    EXPECT_EQ(board.line(2), "↑");
    EXPECT_EQ(board.line(0), "");
}

TEST(TransferBoard, KeepsTheStateLongerThanTheSizes) {
    Board board;
    board.sees({waiting(upload(40, 100))});
    EXPECT_EQ(board.line(38), "↑ name 40% [####----] 40/100 B waiting") << "as wide as it is";
    EXPECT_EQ(board.line(37), "↑ name 40% 40/100 B waiting");
    EXPECT_EQ(board.line(26), "↑ name 40% waiting");
    EXPECT_EQ(board.line(17), "↑ name 40%") << "one too few for the state";
}

TEST(TransferBoard, CutsALongNameBeforeItLeavesPartsOut) {
    Board board;
    board.sees({waiting(upload(40, 100, "a name that is much too long for this.bin"))});
    EXPECT_EQ(board.line(51), "↑ a name that is m… 40% [####----] 40/100 B waiting");
    EXPECT_EQ(board.line(50), "↑ a name that is … 40% [####----] 40/100 B waiting");
    EXPECT_EQ(board.line(49), "↑ a name that is much too l… 40% 40/100 B waiting");
}

TEST(TransferBoard, CutsNamesBetweenCharacters) {
    Board board;
    board.sees({hashing(upload(0, 1, "日本語日本語"))});
    EXPECT_EQ(board.line(11), "↑ 日本… 0%");
    EXPECT_EQ(board.line(9), "↑ 日… 0%") << "half of one does not fit";
    EXPECT_EQ(board.line(8), "↑ 日… 0%");
    EXPECT_EQ(board.line(7), "↑ 0%");
}

TransferSample anySample(std::mt19937& random) {
    static const std::vector<std::string> kNames{"",
                                                 "a",
                                                 "photo.jpg",
                                                 "日本語の写真.png",
                                                 "👨‍👩‍👧",
                                                 "\xff\xfe",
                                                 std::string(255, 'x')};
    const auto number = [&](uint64_t below) { return random() % below; };
    const auto bits = [&] { return (uint64_t{random()} << 32 | random()) >> number(64); };
    TransferSample sample{.upload = number(2) == 0,
                          .key = std::to_string(number(20)),
                          .name = kNames[number(kNames.size())],
                          .done = bits(),
                          .size = bits()};
    sample.waiting = number(4) == 0;
    sample.hashing = sample.upload && number(4) == 0;
    return sample;
}

TEST(TransferBoard, FitsIntoEveryWidth) {
    constexpr unsigned kSeed = 20240607;
    SCOPED_TRACE("seed " + std::to_string(kSeed));
    std::mt19937 random(kSeed);
    Board board;
    for (int round = 0; round < 40; ++round) {
        std::vector<TransferSample> samples(random() % 5 == 0 ? 1 : random() % 8);
        for (auto& sample : samples) sample = anySample(random);
        board.sees(samples);
        board.waits(static_cast<int64_t>(random() % 3'000));
        for (size_t columns = 1; columns <= 300; ++columns) {
            ASSERT_LE(columnsOf(board.line(columns)), columns) << board.line(columns);
            if (columns % 7 != 0) continue;
            for (const auto& line : board.lines(columns))
                ASSERT_LE(columnsOf(line), columns) << line;
        }
        if (!samples.empty()) {
            ASSERT_THAT(board.line(20), HasSubstr("%"));
        }
    }
}

// ---- questions

TEST(TransferBoard, KnowsTheMeanRateOfTheWhole) {
    Board board;
    board.sees({download(0, 100 * kMiB)});
    board.waits(5'000);
    board.moves(download(0, 100 * kMiB), 8 * kMiB, 5'000);
    board.moves(download(40 * kMiB, 100 * kMiB), 12 * kMiB, 5'000);
    EXPECT_EQ(board.meanRate("aa", 100 * kMiB), "10.0 MiB/s") << "since it moved";
    EXPECT_EQ(board.timeOf("aa"), "0:10");
    EXPECT_EQ(board.meanRate("bb", 100 * kMiB), "");
    EXPECT_EQ(board.timeOf("bb"), "");
}

TEST(TransferBoard, CountsOnlyWhatCameOfOneThatWasResumed) {
    Board board;
    board.moves(download(90 * kMiB, 100 * kMiB), kMiB, 10'000);
    EXPECT_EQ(board.meanRate("aa", 100 * kMiB), "1.0 MiB/s");
}

TEST(TransferBoard, IsAskedAboutOneThatIsJustOver) {
    Board board;
    board.moves(download(0, 10 * kMiB), kMiB, 10'000);
    board.sees({});
    board.waits(TransferBoard::kOverKeptMs);
    EXPECT_EQ(board.meanRate("aa", 10 * kMiB), "1.0 MiB/s") << "of the time until its end";
    EXPECT_EQ(board.timeOf("aa"), "0:10");
    board.waits(1);
    EXPECT_EQ(board.meanRate("aa", 10 * kMiB), "");
    EXPECT_EQ(board.timeOf("aa"), "");
}

TEST(TransferBoard, SaysNoMeanRateOfATimeTooShort) {
    Board board;
    board.moves(download(0, 10 * kMiB), 20 * kMiB, 400);
    EXPECT_EQ(board.meanRate("aa", 10 * kMiB), "");
    EXPECT_EQ(board.timeOf("aa"), "") << "0:00 is no news";
    Board other;
    other.sees({download(10, 10)});
    other.waits(1'000);
    EXPECT_EQ(other.meanRate("aa", 10), "") << "never seen moving";
    EXPECT_EQ(other.timeOf("aa"), "");
}

TEST(TransferBoard, DoesNotTakeWaitingForMoving) {
    Board board;
    board.sees({waiting(upload(0, 10 * kMiB))});
    board.waits(60'000);
    board.moves(upload(0, 10 * kMiB), kMiB, 10'000);
    EXPECT_EQ(board.timeOf("1"), "0:10");
    EXPECT_EQ(board.meanRate("1", 10 * kMiB), "1.0 MiB/s");
}

TEST(TransferBoard, FindsByNumberAndName) {
    Board board;
    board.sees({upload(0, 9, "photo.jpg", "u1"), download(0, 9, "photo.png", "d1"),
                download(0, 9, "notes", "d2"), download(0, 9, "notes.old", "d3"),
                download(0, 9, "1", "d4")});
    EXPECT_EQ(board.found("2"), "d1");
    EXPECT_EQ(board.found("1"), "u1") << "numbers are before names";
    EXPECT_EQ(board.found("photo.jpg"), "u1");
    EXPECT_EQ(board.found("photo.p"), "d1");
    EXPECT_EQ(board.found("notes"), "d2") << "the whole name is before a beginning";
    EXPECT_EQ(board.found("photo"), "none") << "two";
    EXPECT_EQ(board.found("6"), "none");
    EXPECT_EQ(board.found("0"), "none");
    EXPECT_EQ(board.found("-1"), "none");
    EXPECT_EQ(board.found("99999999999999999999999"), "none");
    EXPECT_EQ(board.found("other"), "none");
    EXPECT_EQ(board.found(""), "none") << "several";
}

TEST(TransferBoard, FindsTheOnlyOneWithoutAName) {
    Board board;
    EXPECT_EQ(board.found(""), "none");
    board.sees({upload(0, 9, "photo.jpg", "u1")});
    EXPECT_EQ(board.found(""), "u1");
}

TEST(TransferBoard, FindsNoNameThatTwoHave) {
    Board board;
    board.sees({upload(0, 9, "same", "u1"), download(0, 9, "same", "d1")});
    EXPECT_EQ(board.found("same"), "none");
    EXPECT_EQ(board.found("2"), "d1");
}

TEST(ClockText, IsAsClocksShowIt) {
    EXPECT_EQ(clockText(0), "0:00");
    EXPECT_EQ(clockText(8'999), "0:08");
    EXPECT_EQ(clockText(725'000), "12:05");
    EXPECT_EQ(clockText(3'599'999), "59:59");
    EXPECT_EQ(clockText(3'723'000), "1:02:03");
    EXPECT_EQ(clockText(99 * 3'600'000LL), "99:00:00");
    EXPECT_EQ(clockText(99 * 3'600'000LL + 1'000), "-:--");
    EXPECT_EQ(clockText(INT64_MAX), "-:--");
    EXPECT_EQ(clockText(-1), "-:--");
}

}  // namespace
}  // namespace netchat::connect
