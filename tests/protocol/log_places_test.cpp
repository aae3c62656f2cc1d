// Under which identities a log was read, and how far: the list that a join carries.

#include "protocol/log_places.h"

#include <gmock/gmock.h>

namespace netchat {
namespace {

using testing::HasSubstr;

constexpr char kOne[] = "5f1c09aa31d4be72", kTwo[] = "9e07b3c5d82f4410";

TEST(LogPlaces, AreReadAsTheyAreWritten) {
    const std::string text = std::string(kOne) + "@30," + kTwo + "@18446744073709551615";
    const auto places = parseLogPlaces(text);
    ASSERT_TRUE(places) << places.error().text;
    ASSERT_EQ(places->size(), 2u);
    EXPECT_EQ((*places)[0].log, kOne);
    EXPECT_EQ((*places)[0].seq, 30u);
    EXPECT_EQ((*places)[1].log, kTwo);
    EXPECT_EQ((*places)[1].seq, UINT64_MAX);
    EXPECT_EQ(logPlacesText(*places), text);
    EXPECT_TRUE(parseLogPlaces("")->empty());
}

TEST(LogPlaces, RefusesWhatIsNoList) {
    const std::string one(kOne);
    const std::vector<std::string> wrong = {one,
                                            one + "@",
                                            "@5",
                                            one + "@5,",
                                            "," + one + "@5",
                                            one + "@5,," + one + "@6",
                                            one + "@-1",
                                            one + "@5x",
                                            one + "@18446744073709551616",
                                            "5F1C09AA31D4BE72@5",
                                            "5f1c09a@5",
                                            std::string(33, 'a') + "@5",
                                            "the log@5"};
    for (const std::string& text : wrong) {
        const auto places = parseLogPlaces(text);
        ASSERT_FALSE(places) << text;
        EXPECT_EQ(places.error().code, ErrorCode::BadHead);
        EXPECT_THAT(places.error().text, HasSubstr("@30"));
    }
}

TEST(LogPlaces, AreOfABoundedNumber) {
    LogPlaces places;
    for (uint64_t i = 1; i <= limits::kLogPlacesMax + 3; ++i) {
        moveTo(places, std::string(8, static_cast<char>('a' + i % 6)) + std::to_string(i), i);
    }
    EXPECT_EQ(places.size(), limits::kLogPlacesMax);
    EXPECT_EQ(places.front().seq, 4u) << "the oldest are given up";
    EXPECT_TRUE(parseLogPlaces(logPlacesText(places)));
    EXPECT_FALSE(parseLogPlaces(logPlacesText(places) + "," + kOne + "@1"));
}

TEST(LogPlaces, GoOnUnderTheSameIdentityAndBeginAnewUnderAnother) {
    LogPlaces places;
    moveTo(places, kOne, 5);
    moveTo(places, kOne, 30);
    moveTo(places, kTwo, 30);
    moveTo(places, kTwo, 50);
    EXPECT_EQ(logPlacesText(places), std::string(kOne) + "@30," + kTwo + "@50");
    cutAt(places, 20);
    EXPECT_EQ(logPlacesText(places), std::string(kOne) + "@20," + kTwo + "@20");
}

}  // namespace
}  // namespace netchat
