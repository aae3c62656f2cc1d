// What a measurement computes from what it saw.

#include <gmock/gmock.h>

#include <algorithm>

#include "harness/bench/bench_report.h"
#include "harness/bench/conversation.h"
#include "harness/bench/item.h"
#include "harness/bench/latencies.h"
#include "harness/bench/process_cost.h"
#include "harness/bench/room_stream.h"
#include "harness/bench/stamp.h"
#include "harness/bench/workloads.h"
#include "protocol/field.h"
#include "protocol/message.h"

#include <time.h>
#include <unistd.h>

namespace netchat::harness {
namespace {

using ::testing::HasSubstr;

TEST(Latencies, QuantilesAreWithinTwoPercent) {
    Latencies latencies;
    for (int64_t ns = 1; ns <= 1'000'000; ++ns) latencies.add(ns);
    for (const double q : {0.01, 0.5, 0.9, 0.99, 0.999}) {
        const double exact = q * 1'000'000;
        EXPECT_NEAR(static_cast<double>(latencies.quantile(q)), exact, exact * 0.02) << q;
    }
    EXPECT_EQ(latencies.count(), 1'000'000u);
    EXPECT_EQ(latencies.max(), 1'000'000u);
    EXPECT_LE(latencies.quantile(1), 1'000'000u);
}

TEST(Latencies, HoldsTheExtremes) {
    Latencies latencies;
    EXPECT_EQ(latencies.quantile(0.5), 0u);
    latencies.add(-5);  // clocks are not perfect
    latencies.add(INT64_MAX);
    EXPECT_EQ(latencies.quantile(0), 0u);
    EXPECT_EQ(latencies.max(), static_cast<uint64_t>(INT64_MAX));
}

TEST(Stamp, ComesBackAsItWas) {
    std::string text(Stamp::kBytes, ' ');
    const Stamp stamp{4094, (uint64_t{1} << 36) - 1, (int64_t{1} << 60) - 1};
    stamp.write(text.data());
    const Stamp back = Stamp::read(text);
    EXPECT_EQ(back.sender, stamp.sender);
    EXPECT_EQ(back.number, stamp.number);
    EXPECT_EQ(back.ns, stamp.ns);
    EXPECT_EQ(text.find('%'), std::string::npos) << "it would look like a file's name";
}

// ---- what a process costs

TEST(ProcessCost, SeesThisProcess) {
    const ProcessCost cost = costOf(getpid());
    EXPECT_GT(cost.residentBytes, 1'000'000u);
    EXPECT_GT(cost.cpuNs, 0);
    EXPECT_EQ(costOf(0).cpuNs, 0);
}

TEST(ProcessCost, CountsFinerThanTicks) {
    const ProcessCost before = costOf(getpid());
    const auto ownNs = [] {
        timespec used{};
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
        return int64_t{used.tv_sec} * 1'000'000'000 + used.tv_nsec;
    };
    const int64_t start = ownNs();
    while (ownNs() < start + 2'000'000) continue;  // 2 ms: a fifth of a tick
    const ProcessCost used = costOf(getpid()) - before;
    EXPECT_GE(used.cpuNs, 2'000'000);
    EXPECT_GT(used.busiestThreadNs(), 0);
    EXPECT_LE(used.busiestThreadNs(), used.cpuNs + 10'000'000);
}

// ---- what a server sends

std::string classicMessage(std::string_view user, std::string_view text) {
    std::string out;
    for (const std::string_view field : {user, text, std::string_view("23-11-2026 14:36:00")}) {
        appendField(out, 10, field);
    }
    return out;
}

std::string v2Message(std::string_view text, uint64_t seq = 1) {
    std::string out;
    v2::encode(out, v2::Msg{.room = "room0", .seq = seq, .time = 1, .from = "a", .text = text});
    return out;
}

TEST(WireItem, IsAWholeMessageOrNothing) {
    for (const Dialect dialect : {Dialect::Classic, Dialect::V2}) {
        const std::string message =
            dialect == Dialect::V2 ? v2Message("hello") : classicMessage("a", "hello");
        for (size_t size = 0; size < message.size(); ++size) {
            const WireItem part = firstItem(dialect, 10, std::string_view(message).substr(0, size));
            EXPECT_EQ(part.kind, WireItem::Kind::Part) << size;
        }
        const std::string andMore = message + "rest";
        const WireItem whole = firstItem(dialect, 10, andMore);
        EXPECT_EQ(whole.kind, WireItem::Kind::Text);
        EXPECT_EQ(whole.size, message.size());
        EXPECT_EQ(whole.text, "hello");
    }
}

TEST(WireItem, AFileIsItsBeginningAndHowMuchFollows) {
    std::string bytes;
    appendField(bytes, 10, "a");
    appendField(bytes, 10, "f.bin%");
    appendHeader(bytes, 10, 500);
    const size_t beginning = bytes.size();
    bytes += "content";
    const WireItem classic = firstItem(Dialect::Classic, 10, bytes);
    EXPECT_EQ(classic.kind, WireItem::Kind::Bytes);
    EXPECT_EQ(classic.size, beginning);
    EXPECT_EQ(classic.follow, 500u);

    std::string data;
    v2::encode(data, v2::Data{.transfer = 1, .sha256 = {}, .off = 0, .bytes = "0123456789"});
    const WireItem v2 =
        firstItem(Dialect::V2, 10, std::string_view(data).substr(0, data.size() - 3));
    EXPECT_EQ(v2.kind, WireItem::Kind::Bytes);
    EXPECT_EQ(v2.size, data.size() - 10);
    EXPECT_EQ(v2.follow, 10u);
}

TEST(WireItem, WhatMakesNoSenseIsBroken) {
    EXPECT_EQ(firstItem(Dialect::Classic, 10, "hello, world").kind, WireItem::Kind::Broken);
    EXPECT_EQ(firstItem(Dialect::V2, 10, "5         abcde").kind, WireItem::Kind::Broken);
    EXPECT_EQ(firstItem(Dialect::V2, 10, "999999999 abcde").kind, WireItem::Kind::Broken);
}

// ---- who has heard what

TEST(RoomStream, IsFollowedInPiecesOfAnySize) {
    RoomStream stream;
    stream.append("first ", {0, 0, 0});
    stream.append("second ", {0, 1, 0});
    RoomStream::Place place;
    EXPECT_EQ(stream.follow(place, "fir"), 3u);
    EXPECT_EQ(place.index, 0u);
    EXPECT_EQ(stream.follow(place, "st sec"), 6u);
    EXPECT_EQ(place.index, 1u);
    EXPECT_EQ(stream.follow(place, "ond and what nobody has heard yet"), 4u);
    EXPECT_EQ(place.index, 2u);
    EXPECT_EQ(stream.follow(place, "third"), 0u);
}

TEST(RoomStream, ADifferentByteIsNotFollowed) {
    RoomStream stream;
    stream.append("first ", {0, 0, 0});
    RoomStream::Place place;
    EXPECT_EQ(stream.follow(place, "fir"), 3u);
    EXPECT_EQ(stream.follow(place, "sd "), 0u);
    EXPECT_EQ(stream.begun(place), "fir");
    EXPECT_EQ(stream.begun(place), "");
}

TEST(RoomStream, ForgetsWithoutMovingAnyone) {
    RoomStream stream;
    for (uint64_t i = 0; i < 4; ++i) stream.append("message", {0, i, 0});
    RoomStream::Place place;
    stream.follow(place, "messagemessagemes");
    stream.dropBefore(2);
    EXPECT_EQ(stream.held(), 14u);
    EXPECT_EQ(stream.follow(place, "sagemessage"), 11u);
    EXPECT_EQ(place.index, 4u);
    EXPECT_EQ(stream.message(3).stamp.number, 3u);
}

// One room of a sender (member 0) and two receivers, by hand.
class MeasuredTalk : public ::testing::Test {
  protected:
    MeasuredTalk()
        : talk({.rooms = 1, .senders = 1, .receivers = 2, .textBytes = 20, .underWayMax = 4}) {}

    std::string say() { return std::string(talk.next(0, 100)); }
    bool hear(size_t member, const std::string& text) {
        const std::string bytes = v2Message(text);
        if (const size_t known = talk.follow(member, bytes, 150)) return known == bytes.size();
        EXPECT_EQ(talk.begun(member), "");
        return talk.hear(member, bytes, Stamp::read(text), text, 150);
    }
    Conversation talk;
};

TEST_F(MeasuredTalk, IsDrainedWhenEveryoneHasHeardEverything) {
    const std::string one = say(), two = say();
    EXPECT_EQ(talk.underWay(0), 2u);
    for (const size_t member : {1, 0, 2}) {
        EXPECT_FALSE(talk.drained());
        EXPECT_TRUE(hear(member, one));
        EXPECT_TRUE(hear(member, two));
    }
    EXPECT_TRUE(talk.drained());
    EXPECT_EQ(talk.underWay(0), 0u);
    EXPECT_EQ(talk.heard(), 6u);
    EXPECT_EQ(talk.latencies().max(), 50u);
}

TEST_F(MeasuredTalk, WhatIsMissingIsOwed) {
    const std::string one = say(), two = say();
    hear(0, one), hear(0, two), hear(1, one), hear(1, two);
    hear(2, two);
    EXPECT_FALSE(talk.drained());
    EXPECT_EQ(talk.owed() - talk.heard(), 1u);
    EXPECT_EQ(talk.disordered(), 0u);
}

TEST_F(MeasuredTalk, AnotherOrderIsSeen) {
    const std::string one = say(), two = say();
    hear(0, one), hear(0, two);
    hear(1, two), hear(1, one);
    EXPECT_EQ(talk.disordered(), 1u);
}

TEST_F(MeasuredTalk, AMessageThatComesTwiceIsSeen) {
    const std::string one = say(), two = say();
    hear(0, one), hear(0, two);
    hear(1, one), hear(1, one), hear(1, two);
    EXPECT_EQ(talk.disordered(), 1u);
    EXPECT_EQ(talk.heard(), 4u);
}

TEST_F(MeasuredTalk, ADamagedTextIsNotTaken) {
    std::string one = say();
    EXPECT_TRUE(hear(0, one));
    one.back() = 'y';
    EXPECT_FALSE(hear(1, one));
    EXPECT_FALSE(hear(1, one.substr(0, 19)));
}

TEST_F(MeasuredTalk, WhatNobodySaidIsNotTaken) {
    std::string one = say();
    Stamp{0, 7, 100}.write(one.data());
    EXPECT_FALSE(hear(1, one));
}

TEST(Conversation, InClassicASenderDoesNotHearItself) {
    Conversation talk({.rooms = 1,
                       .senders = 2,
                       .receivers = 1,
                       .textBytes = 20,
                       .underWayMax = 4,
                       .echo = false});
    const std::string one(talk.next(0, 1)), two(talk.next(1, 2));
    const auto hear = [&](size_t member, const std::string& text) {
        const std::string bytes = classicMessage("a", text);
        return talk.follow(member, bytes, 3) == bytes.size() ||
               talk.hear(member, bytes, Stamp::read(text), text, 3);
    };
    EXPECT_TRUE(hear(2, one) && hear(2, two) && hear(0, two) && hear(1, one));
    EXPECT_TRUE(talk.drained());
    EXPECT_EQ(talk.disordered(), 0u);
}

// ---- figures

BenchResult someResult() {
    BenchResult result;
    result.members = 10;
    result.connectSeconds = 0.5;
    result.messages = 100;
    result.deliveries = 1000;
    result.seconds = 2;
    result.server.cpuNs = 100'000;
    result.server.userTicks = 3, result.server.systemTicks = 7;
    result.server.threadNs = {{1, 60'000}, {2, 40'000}};
    result.lost = 1;
    return result;
}

TEST(BenchFigures, AreRatesAndShares) {
    const BenchFigures figures = figuresOf({}, someResult());
    EXPECT_DOUBLE_EQ(figures.deliveriesPerSecond, 500);
    EXPECT_DOUBLE_EQ(figures.messagesPerSecond, 50);
    EXPECT_DOUBLE_EQ(figures.serverNs, 100);
    EXPECT_DOUBLE_EQ(figures.busiestThreadNs, 60);
    EXPECT_DOUBLE_EQ(figures.userShare, 0.3);
    EXPECT_DOUBLE_EQ(figures.serverCores, 0.00005);
    EXPECT_DOUBLE_EQ(figures.connectsPerSecond, 20);
    EXPECT_DOUBLE_EQ(figuresOf({}, {}).serverNs, 0);
}

TEST(BenchFigures, TheMedianIsOfEachFigureAndLossesAddUp) {
    BenchFigures one, two, three;
    one.serverNs = 1, two.serverNs = 9, three.serverNs = 3;
    one.lost = 1, three.lost = 2;
    EXPECT_DOUBLE_EQ(medianOf(std::vector<BenchFigures>{one, two, three}).serverNs, 3);
    EXPECT_DOUBLE_EQ(medianOf(std::vector<BenchFigures>{one, two}).serverNs, 5);
    EXPECT_EQ(medianOf(std::vector<BenchFigures>{one, two, three}).lost, 3u);
}

TEST(BenchReport, IsALineOrARowOrAnObject) {
    BenchFigures figures = figuresOf({}, someResult());
    figures.floorNs = 80;
    const BenchSubject subject{"fan100", "memory", "1"};
    EXPECT_THAT(benchLine(subject, {}, figures, false), HasSubstr("fan100"));
    EXPECT_THAT(benchLine(subject, {}, figures, true), HasSubstr("1.25"));
    EXPECT_THAT(benchMarkdownLine(subject, {}, figures, true), HasSubstr("| 100 | 1.25 |"));
    EXPECT_THAT(benchJson(subject, {}, figures), HasSubstr("\"server_cpu_ns_per_delivery\":100"));
}

TEST(BenchReport, TheMarkdownTableIsOne) {
    const std::string head = benchMarkdownHead(true);
    const std::string row = benchMarkdownLine({"fan100", "memory", "1"}, {}, {}, true);
    const auto bars = [](std::string_view line) {
        return std::count(line.begin(), line.end(), '|');
    };
    const size_t firstLine = head.find('\n');
    EXPECT_EQ(bars(head.substr(0, firstLine)), bars(row));
    EXPECT_EQ(bars(head.substr(firstLine)), bars(row));
}

TEST(BenchReport, FilesAreCountedByTheGigabyte) {
    BenchOptions options;
    options.kind = BenchOptions::Kind::Files;
    BenchResult result = someResult();
    result.deliveries = 1'000'000'000;
    result.server.cpuNs = 250'000'000;
    const std::string json = benchJson({}, options, figuresOf(options, result));
    EXPECT_THAT(json, HasSubstr("\"server_cpu_s_per_gb\":0.25"));
}

TEST(Workloads, AreFoundByName) {
    EXPECT_EQ(findWorkload("room1010")->options.receivers, 1000u);
    EXPECT_EQ(findWorkload("nothing"), nullptr);
    for (const auto& each : namedWorkloads()) EXPECT_EQ(findWorkload(each.name), &each);
}

}  // namespace
}  // namespace netchat::harness
