// What the meter counts of frames that pass, and what it passes over.

#include "harness/faults/meter.h"

#include <gtest/gtest.h>

#include <string>

#include "protocol/field.h"
#include "protocol/limits.h"
#include "protocol/message.h"

namespace netchat::harness {
namespace {

struct MeterOfFiles : testing::Test {
    template <class M>
    void passes(Direction direction, const M& message) {
        std::string frame;
        v2::encode(frame, message);
        meter.bytes(direction, frame);
    }
    void offers(const std::string& id, const std::string& hash) {
        passes(Direction::Up,
               v2::Offer{.room = "r", .id = id, .name = "f", .size = 100, .sha256 = hash});
    }
    void accepts(const std::string& id, uint64_t transfer) {
        passes(Direction::Down, v2::Accept{.id = id, .transfer = transfer, .at = 0});
    }
    void uploads(uint64_t transfer, uint64_t off, size_t size) {
        const std::string bytes(size, 'b');
        passes(Direction::Up, v2::Data{.transfer = transfer, .off = off, .bytes = bytes});
    }
    void downloads(const std::string& hash, uint64_t off, size_t size) {
        const std::string bytes(size, 'b');
        passes(Direction::Down, v2::Data{.sha256 = hash, .off = off, .bytes = bytes});
    }
    Meter::Transfer of(const std::string& hash, Direction direction) const {
        const auto at = meter.transfers().find({hash, direction});
        return at == meter.transfers().end() ? Meter::Transfer() : at->second;
    }

    const std::string one = std::string(64, 'a'), other = std::string(64, 'b');
    Meter meter;
};

TEST_F(MeterOfFiles, CountsADownloadByItself) {
    meter.connectionBegins();
    downloads(one, 0, 40), downloads(one, 40, 10), downloads(other, 0, 5);
    meter.connectionBegins();
    downloads(one, 30, 60);
    EXPECT_EQ(of(one, Direction::Down).reached, 90U);
    EXPECT_EQ(of(one, Direction::Down).again, 20U);
    EXPECT_EQ(of(one, Direction::Down).connections, 2U);
    EXPECT_EQ(of(other, Direction::Down).reached, 5U);
    EXPECT_EQ(of(other, Direction::Down).again, 0U);
    EXPECT_EQ(meter.transfers().size(), 2U);
}

TEST_F(MeterOfFiles, WhatPassesWhollyAgainCountsOnce) {
    meter.connectionBegins();
    downloads(one, 0, 50), downloads(one, 10, 5), downloads(one, 50, 1);
    EXPECT_EQ(of(one, Direction::Down).again, 5U);
    EXPECT_EQ(of(one, Direction::Down).reached, 51U);
}

TEST_F(MeterOfFiles, ATransferIsKnownOnItsConnectionOnly) {
    meter.connectionBegins();
    offers("5", one);
    accepts("5", 1);
    meter.connectionBegins();
    uploads(1, 0, 10);
    EXPECT_TRUE(meter.transfers().empty());
    // An offer of an earlier connection may be answered on this one.
    accepts("5", 2);
    uploads(2, 0, 10);
    EXPECT_EQ(of(one, Direction::Up).reached, 10U);
}

TEST_F(MeterOfFiles, ANumberThatNobodyKnowsIsPassedOver) {
    meter.connectionBegins();
    offers("5", one);
    accepts("6", 1);
    uploads(1, 0, 10);
    EXPECT_TRUE(meter.transfers().empty());
}

TEST_F(MeterOfFiles, HalfAFrameOfACutConnectionIsForgotten) {
    meter.connectionBegins();
    std::string frame;
    v2::encode(frame, v2::Data{.sha256 = one, .off = 0, .bytes = "12345"});
    meter.bytes(Direction::Down, frame.substr(0, frame.size() / 2));
    meter.connectionBegins();
    downloads(one, 0, 3);
    EXPECT_EQ(of(one, Direction::Down).reached, 3U);
}

TEST_F(MeterOfFiles, AfterWhatIsNoFrameNothingIsCounted) {
    meter.connectionBegins();
    meter.bytes(Direction::Down, "no header at all");
    downloads(one, 0, 3);
    EXPECT_TRUE(meter.transfers().empty());
    // The other direction, and the next connection, are read.
    offers("5", other);
    meter.connectionBegins();
    downloads(one, 0, 3);
    EXPECT_EQ(of(one, Direction::Down).reached, 3U);
    accepts("5", 1);
    uploads(1, 0, 4);
    EXPECT_EQ(of(other, Direction::Up).reached, 4U);
}

TEST_F(MeterOfFiles, AFrameThatCannotBeReadIsPassedOver) {
    meter.connectionBegins();
    for (const char* head : {"data\tno colon", "data\toff:x\n", "data\t\n", "offer\troom:r\n",
                             "accept\tid:5\n", "accept\t\x01\n"}) {
        std::string frame;
        appendField(frame, limits::kHeaderWidth, head);
        meter.bytes(Direction::Up, frame);
        meter.bytes(Direction::Down, frame);
    }
    EXPECT_TRUE(meter.transfers().empty());
    downloads(one, 0, 3);
    EXPECT_EQ(of(one, Direction::Down).reached, 3U);
}

}  // namespace
}  // namespace netchat::harness
