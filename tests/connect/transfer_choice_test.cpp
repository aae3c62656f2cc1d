#include "modes/connect/transfer_choice.h"

#include <gtest/gtest.h>

#include <vector>

namespace netchat::connect {
namespace {

TEST(TransferNumbers, StayWhileOthersAreUnderWay) {
    TransferNumbers numbers;
    EXPECT_EQ(numbers.of(true, "a"), 1u);
    EXPECT_EQ(numbers.of(false, "a"), 2u) << "the other way is another one";
    EXPECT_EQ(numbers.of(true, "a"), 1u);
    numbers.keepOnly(std::vector<TransferNumbers::Key>{{false, "a"}});
    EXPECT_EQ(numbers.of(false, "a"), 2u);
    EXPECT_EQ(numbers.of(true, "b"), 3u) << "1 is what was listed as 1";
    numbers.keepOnly({});
    EXPECT_EQ(numbers.of(true, "b"), 1u);
}

TEST(ChosenTransfer, IsByNumberThenByNameThenByItsBeginning) {
    const std::vector<NumberedTransfer> all = {{.number = 3, .name = "photo.jpg"},
                                               {.number = 5, .name = "3"},
                                               {.number = 6, .name = "phone"}};
    EXPECT_EQ(chosenTransfer("3", all), 0u);
    EXPECT_EQ(chosenTransfer("5", all), 1u);
    EXPECT_EQ(chosenTransfer("phone", all), 2u);
    EXPECT_EQ(chosenTransfer("phot", all), 0u);
    EXPECT_EQ(chosenTransfer("pho", all), std::nullopt) << "two begin so";
    EXPECT_EQ(chosenTransfer("1", all), std::nullopt);
    EXPECT_EQ(chosenTransfer("", all), std::nullopt);
}

TEST(ChosenTransfer, IsTheOnlyOneOfAnEmptyText) {
    const std::vector<NumberedTransfer> one = {{.number = 7, .name = "photo.jpg"}};
    EXPECT_EQ(chosenTransfer("", one), 0u);
    EXPECT_EQ(chosenTransfer("", {}), std::nullopt);
}

TEST(ChosenTransfer, IsNoneOfTwoWithOneName) {
    const std::vector<NumberedTransfer> two = {{.number = 1, .name = "a.bin"},
                                               {.number = 2, .name = "a.bin"}};
    EXPECT_EQ(chosenTransfer("a.bin", two), std::nullopt);
    EXPECT_EQ(chosenTransfer("2", two), 1u);
}

}  // namespace
}  // namespace netchat::connect
