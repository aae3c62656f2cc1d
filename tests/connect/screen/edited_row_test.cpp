#include "modes/connect/screen/edited_row.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "modes/connect/screen/input/key_decoder.h"
#include "modes/connect/screen/text/graphemes.h"

namespace netchat::connect {
namespace {

using Typed = EditedRow::Typed;

// One row of a terminal of lines, and somebody who types there.
class AtRow {
  public:
    explicit AtRow(int columns) : columns_(columns), cells_(static_cast<size_t>(columns), " ") {}

    Typed types(std::string_view bytes) {
        std::vector<Key> keys;
        decoder_.feed(bytes, keys);
        Typed last = Typed::Nothing;
        for (const Key& key : keys) {
            last = row_.key(key);
            if (last == Typed::Line) break;
        }
        draws(row_.show(columns_));
        return last;
    }
    void draws(std::string_view bytes) {
        while (!bytes.empty()) {
            if (bytes[0] == '\r') {
                at_ = 0;
                bytes.remove_prefix(1);
                continue;
            }
            const Cluster cluster = nextCluster(bytes);
            ASSERT_LT(at_ + static_cast<size_t>(cluster.columns), cells_.size() + 1);
            ASSERT_NE(cluster.text[0], '\n');
            cells_[at_] = cluster.text;
            for (int i = 1; i < cluster.columns; ++i) cells_[at_ + static_cast<size_t>(i)] = "";
            at_ += static_cast<size_t>(cluster.columns);
        }
        EXPECT_LT(at_, cells_.size()) << "the last column is never reached";
    }
    void hides() { draws(row_.hide()); }
    std::string shown() const {
        std::string all;
        for (const std::string& cell : cells_) all += cell;
        all.erase(all.find_last_not_of(' ') + 1);
        return all;
    }
    size_t cursor() const { return at_; }
    EditedRow& row() { return row_; }

  private:
    const int columns_;
    std::vector<std::string> cells_;
    size_t at_ = 0;
    KeyDecoder decoder_;
    EditedRow row_;
};

TEST(EditedRow, ShowsWhatIsTypedAndHidesIt) {
    AtRow at(20);
    at.types("hello");
    EXPECT_EQ(at.shown(), "hello");
    EXPECT_EQ(at.cursor(), 5u);
    at.hides();
    EXPECT_EQ(at.shown(), "");
    EXPECT_EQ(at.cursor(), 0u);
    at.types("\x7f\x7f");
    EXPECT_EQ(at.shown(), "hel");
    at.types("\x01\x1b[C");
    EXPECT_EQ(at.cursor(), 1u);
    EXPECT_EQ(at.types("\r"), Typed::Line);
    EXPECT_EQ(at.row().takeLine(), "hel");
    EXPECT_EQ(at.shown(), "");
}

TEST(EditedRow, TakesEitherByteForEnter) {
    AtRow at(20);
    at.types("one");
    EXPECT_EQ(at.types("\n"), Typed::Line);
    EXPECT_EQ(at.row().takeLine(), "one");
    EXPECT_EQ(at.types("\r"), Typed::Line);
    EXPECT_EQ(at.row().takeLine(), "");
}

TEST(EditedRow, TakesATabAsText) {
    AtRow at(20);
    at.types("a\tb");
    EXPECT_EQ(at.shown(), "a b");
    at.types("\r");
    EXPECT_EQ(at.row().takeLine(), "a\tb");
}

TEST(EditedRow, EndsWhereNothingIsTyped) {
    AtRow at(20);
    EXPECT_EQ(at.types("ab\x04"), Typed::Nothing);
    EXPECT_EQ(at.types("\x15"), Typed::Nothing);
    EXPECT_EQ(at.types("\x04"), Typed::End);
}

TEST(EditedRow, MovesALongLineSoThatTheCursorIsSeen) {
    AtRow at(11);
    at.types("0123456789");
    EXPECT_EQ(at.shown().back(), '9');
    at.types("abcdefghijklmnop");
    EXPECT_EQ(at.shown().back(), 'p');
    EXPECT_EQ(at.cursor(), columnsOf(at.shown()));
    at.types("\x01");
    EXPECT_EQ(at.shown(), "0123456789");
    EXPECT_EQ(at.cursor(), 0u);
    for (int i = 0; i < 26; ++i) at.types("\x1b[C");
    EXPECT_EQ(at.shown().back(), 'p');
}

TEST(EditedRow, KeepsWideAndHostileCharactersInTheRow) {
    AtRow at(12);
    at.types("日本語日本語日本語 é👍🏽 \xE2\x80\xAE x");
    for (int i = 0; i < 40; ++i) at.types("\x02");
    EXPECT_EQ(at.cursor(), 0u);
    for (int i = 0; i < 40; ++i) at.types("\x06");
    EXPECT_EQ(at.shown().back(), 'x');
}

TEST(EditedRow, DropsALineThatIsTooLongAndSaysSoOnce) {
    AtRow at(20);
    std::string most(limits::kTextBytesMax, 'x');
    EXPECT_EQ(at.row().key({.kind = Key::Kind::Paste, .text = most}), Typed::Nothing);
    EXPECT_EQ(at.row().key({.text = "y"}), Typed::Nothing);
    EXPECT_EQ(at.row().key({.kind = Key::Kind::Enter}), Typed::LongLine);
    at.types("short");
    EXPECT_EQ(at.types("\r"), Typed::Line);
    EXPECT_EQ(at.row().takeLine(), "short");
}

TEST(EditedRow, ShowsAnIdleTextWhileNothingIsTyped) {
    AtRow at(40);
    at.row().setIdle("sending a.bin: 42 %");
    at.types("");
    EXPECT_EQ(at.shown(), "sending a.bin: 42 %");
    EXPECT_EQ(at.cursor(), 0u);
    at.types("h");
    EXPECT_EQ(at.shown(), "h");
    at.types("\x7f");
    EXPECT_EQ(at.shown(), "sending a.bin: 42 %");
    at.row().setIdle("");
    at.types("");
    EXPECT_EQ(at.shown(), "");
}

}  // namespace
}  // namespace netchat::connect
