// Where who has read a room's log before begins again, whatever has become of the log meanwhile.

#include "modes/serve/hub/rejoin.h"

#include <gtest/gtest.h>

#include <map>

namespace netchat::serve {
namespace {

// It had three identities; the room stood at 30 and 40 when the first two ended, and has 50 now.
class ThreeLives : public store::RoomLog {
  public:
    Result<std::vector<store::Appended>> append(std::span<const store::Draft>) override {
        return std::vector<store::Appended>();
    }
    store::Range range(std::string_view) const override { return {1, 50}; }
    Status read(std::string_view, uint64_t, const Visitor&) const override { return Ok{}; }
    void eachRoom(const RoomVisitor& visit) const override { visit("lobby", range("lobby")); }
    Result<store::Purged> purgeSome(store::Purge&) override { return store::Purged{}; }
    Result<std::vector<std::string>> filesNamed(std::string_view) override {
        return std::vector<std::string>();
    }
    std::string_view durability() const override { return "process"; }
    std::string_view identity() const override { return "cccccccc"; }
    std::optional<uint64_t> sharedWith(std::string_view identity, std::string_view) const override {
        static const std::map<std::string_view, uint64_t> ends{
            {"aaaaaaaa", 30}, {"bbbbbbbb", 40}, {"cccccccc", 50}};
        const auto it = ends.find(identity);
        return it == ends.end() ? std::nullopt : std::optional(it->second);
    }
};

void expect(std::optional<uint64_t> since, const LogPlaces& places, uint64_t nextSeq,
            std::optional<uint64_t> common) {
    const Beginning beginning = beginningIn(ThreeLives(), "lobby", since, places);
    EXPECT_EQ(beginning.nextSeq, nextSeq) << logPlacesText(places);
    EXPECT_EQ(beginning.common, common) << logPlacesText(places);
}

TEST(Rejoin, WithoutAWordOfTheLogItIsAsEver) {
    expect({}, {}, 51, {});
    expect(41, {}, 42, {});
    expect(60, {}, 51, {});
    expect(0, {}, 1, {});
}

TEST(Rejoin, UnderTheSameIdentityItGoesOn) {
    expect(41, {{"cccccccc", 41}}, 42, {});
    expect(50, {{"cccccccc", 50}}, 51, {});
    expect(0, {{"cccccccc", 0}}, 1, {});
    expect(45, {{"aaaaaaaa", 20}, {"bbbbbbbb", 33}, {"cccccccc", 45}}, 46, {});
}

TEST(Rejoin, ALogThatLostItsEndUnnoticedSaysWhereItEnds) {
    expect(60, {{"cccccccc", 60}}, 51, 50);
}

TEST(Rejoin, UnderAnEarlierIdentityItGoesBackToWhereThatEnded) {
    expect(35, {{"aaaaaaaa", 35}}, 31, 30);
    expect(45, {{"aaaaaaaa", 20}, {"bbbbbbbb", 45}}, 41, 40);
    expect(60, {{"bbbbbbbb", 60}}, 41, 40);
}

TEST(Rejoin, WhoHadReadNoMoreThanBothHaveNoticesNothing) {
    expect(30, {{"aaaaaaaa", 30}}, 31, {});
    expect(12, {{"aaaaaaaa", 12}}, 13, {});
    expect(40, {{"aaaaaaaa", 30}, {"bbbbbbbb", 40}}, 41, {});
}

TEST(Rejoin, AnIdentityThatItNeverHadIsPassedOver) {
    expect(45, {{"aaaaaaaa", 20}, {"dddddddd", 45}}, 21, 20);
    expect(45, {{"aaaaaaaa", 35}, {"dddddddd", 45}}, 31, 30);
    expect(45, {{"dddddddd", 45}}, 1, 0);
    expect(0, {{"dddddddd", 0}}, 1, {});
}

TEST(Rejoin, WhoAsksForNothingOfBeforeIsSentNothing) {
    expect({}, {{"aaaaaaaa", 45}}, 51, {});
}

}  // namespace
}  // namespace netchat::serve
