#include "modes/connect/screen/input/key_decoder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <random>

#include "modes/connect/screen/input/paste_watch.h"

namespace netchat::connect {

// For failures: "C-M-a", "S-Up", "Paste(text)".
inline void PrintTo(const Key& key, std::ostream* out) {
    *out << (key.ctrl ? "C-" : "") << (key.meta ? "M-" : "") << (key.shift ? "S-" : "")
         << static_cast<int>(key.kind) << ":" << key.number << "(" << key.text << ")";
}

namespace {

using Kind = Key::Kind;
using Keys = std::vector<Key>;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using namespace std::string_view_literals;

Keys decoded(std::string_view bytes) {
    KeyDecoder decoder;
    Keys keys;
    decoder.feed(bytes, keys);
    return keys;
}

Keys decodedAfterAWait(std::string_view bytes) {
    KeyDecoder decoder;
    Keys keys;
    decoder.feed(bytes, keys);
    decoder.flush(keys);
    return keys;
}

Key typed(std::string_view text) {
    return {.text = std::string(text)};
}

Key ctrl(std::string_view text) {
    return {.text = std::string(text), .ctrl = true};
}

Key meta(std::string_view text) {
    return {.text = std::string(text), .meta = true};
}

Key pasted(std::string_view text) {
    return {.kind = Kind::Paste, .text = std::string(text)};
}

Key key(Kind kind) {
    return {.kind = kind};
}

Key f(int number) {
    return {.kind = Kind::Function, .number = number};
}

Key withCtrl(Key key) {
    key.ctrl = true;
    return key;
}

Key withMeta(Key key) {
    key.meta = true;
    return key;
}

Key withShift(Key key) {
    key.shift = true;
    return key;
}

struct Sequence {
    std::string_view bytes;
    Key key;
};

void expectKeys(const std::vector<Sequence>& sequences) {
    for (const auto& [bytes, key] : sequences) {
        EXPECT_THAT(decoded(bytes), ElementsAre(key)) << ::testing::PrintToString(bytes);
    }
}

TEST(KeyDecoder, GivesCharactersOfAnyLength) {
    EXPECT_THAT(decoded("a é日😀"),
                ElementsAre(typed("a"), typed(" "), typed("é"), typed("日"), typed("😀")));
}

TEST(KeyDecoder, GivesControlKeys) {
    expectKeys({{"\0"sv, ctrl(" ")},
                {"\x01", ctrl("a")},
                {"\x1A", ctrl("z")},
                {"\x1C", ctrl("\\")},
                {"\x1D", ctrl("]")},
                {"\x1E", ctrl("^")},
                {"\x1F", ctrl("_")},
                {"\n", ctrl("j")},
                {"\r", key(Kind::Enter)},
                {"\t", key(Kind::Tab)},
                {"\b", key(Kind::Backspace)},
                {"\x7F", key(Kind::Backspace)}});
}

TEST(KeyDecoder, TakesAnEscapeForMeta) {
    expectKeys({{"\033b", meta("b")},
                {"\0335", meta("5")},
                {"\033é", meta("é")},
                {"\033😀", meta("😀")},
                {"\033\x01", withMeta(ctrl("a"))},
                {"\033\r", withMeta(key(Kind::Enter))},
                {"\033\n", withMeta(key(Kind::Enter))},
                {"\033\t", withMeta(key(Kind::Tab))},
                {"\033\x7F", withMeta(key(Kind::Backspace))},
                {"\033\b", withMeta(key(Kind::Backspace))}});
}

TEST(KeyDecoder, KnowsXtermsKeys) {
    expectKeys({{"\033[A", key(Kind::Up)},
                {"\033[B", key(Kind::Down)},
                {"\033[C", key(Kind::Right)},
                {"\033[D", key(Kind::Left)},
                {"\033[H", key(Kind::Home)},
                {"\033[F", key(Kind::End)},
                {"\033[2~", key(Kind::Insert)},
                {"\033[3~", key(Kind::Delete)},
                {"\033[5~", key(Kind::PageUp)},
                {"\033[6~", key(Kind::PageDown)},
                {"\033[Z", withShift(key(Kind::Tab))},
                {"\033OP", f(1)},
                {"\033OS", f(4)},
                {"\033[15~", f(5)},
                {"\033[17~", f(6)},
                {"\033[21~", f(10)},
                {"\033[23~", f(11)},
                {"\033[24~", f(12)}});
}

TEST(KeyDecoder, KnowsModifiers) {
    expectKeys({{"\033[1;2A", withShift(key(Kind::Up))},
                {"\033[1;3A", withMeta(key(Kind::Up))},
                {"\033[1;5D", withCtrl(key(Kind::Left))},
                {"\033[1;7D", withCtrl(withMeta(key(Kind::Left)))},
                {"\033[1;9D", withMeta(key(Kind::Left))},
                {"\033[5;5~", withCtrl(key(Kind::PageUp))},
                {"\033[3;2~", withShift(key(Kind::Delete))},
                {"\033[1;5P", withCtrl(f(1))},
                {"\033[1;2R", withShift(f(3))},
                {"\033[15;3~", withMeta(f(5))},
                {"\033O5P", withCtrl(f(1))},
                {"\033[5C", withCtrl(key(Kind::Right))}});
}

TEST(KeyDecoder, KnowsKeysInApplicationMode) {
    expectKeys({{"\033OA", key(Kind::Up)},
                {"\033OD", key(Kind::Left)},
                {"\033OH", key(Kind::Home)},
                {"\033OF", key(Kind::End)},
                {"\033OM", key(Kind::Enter)},
                {"\033OI", key(Kind::Tab)},
                {"\033O ", typed(" ")},
                {"\033Oj", typed("*")},
                {"\033Ok", typed("+")},
                {"\033Oo", typed("/")},
                {"\033Op", typed("0")},
                {"\033Oy", typed("9")},
                {"\033OX", typed("=")}});
}

TEST(KeyDecoder, KnowsRxvtsKeys) {
    expectKeys({{"\033[7~", key(Kind::Home)},
                {"\033[8~", key(Kind::End)},
                {"\033[11~", f(1)},
                {"\033[7$", withShift(key(Kind::Home))},
                {"\033[5^", withCtrl(key(Kind::PageUp))},
                {"\033[3@", withCtrl(withShift(key(Kind::Delete)))},
                {"\033Oa", withCtrl(key(Kind::Up))},
                {"\033Od", withCtrl(key(Kind::Left))},
                {"\033[a", withShift(key(Kind::Up))},
                {"\033[c", withShift(key(Kind::Right))},
                {"\033\033[A", withMeta(key(Kind::Up))},
                {"\033\033[5~", withMeta(key(Kind::PageUp))},
                {"\033\033Oa", withCtrl(withMeta(key(Kind::Up)))}});
}

TEST(KeyDecoder, KnowsTheConsolesKeys) {
    expectKeys({{"\033[[A", f(1)},
                {"\033[[E", f(5)},
                {"\033[1~", key(Kind::Home)},
                {"\033[4~", key(Kind::End)}});
}

TEST(KeyDecoder, KnowsKeysByTheirCodes) {
    expectKeys({{"\033[13;3u", withMeta(key(Kind::Enter))},
                {"\033[13;2u", withShift(key(Kind::Enter))},
                {"\033[13;5u", withCtrl(key(Kind::Enter))},
                {"\033[27;2;13~", withShift(key(Kind::Enter))},
                {"\033[27;5;9~", withCtrl(key(Kind::Tab))},
                {"\033[9;2u", withShift(key(Kind::Tab))},
                {"\033[127;3u", withMeta(key(Kind::Backspace))},
                {"\033[27u", key(Kind::Escape)},
                {"\033[97;5u", ctrl("a")},
                {"\033[65;6u", withShift(ctrl("a"))},
                {"\033[27;5;47~", ctrl("/")},
                {"\033[97:65;2u", typed("A")},
                {"\033[27;4;66~", meta("B")},
                {"\033[233;3u", meta("é")},
                {"\033[128512u", typed("😀")},
                {"\033[97;1:1u", typed("a")}});
}

TEST(KeyDecoder, PassesOverKeysThatGoUp) {
    EXPECT_THAT(decoded("\033[97;1:3u\033[1;5:3Dx"), ElementsAre(typed("x")));
}

TEST(KeyDecoder, TellsWhereTheWindowWent) {
    EXPECT_THAT(decoded("\033[I\033[O"), ElementsAre(key(Kind::FocusIn), key(Kind::FocusOut)));
}

TEST(KeyDecoder, PassesOverWhatItDoesNotKnow) {
    for (const auto unknown : {"\033[?1;2c"sv,
                               "\033[>41;354;0c"sv,
                               "\033[24;80R"sv,
                               "\033[0n"sv,
                               "\033[?2026;2$y"sv,
                               "\033[12;2$y"sv,
                               "\033[8;24;80t"sv,
                               "\033[25~"sv,
                               "\033[99~"sv,
                               "\033[1;2;3;4;5A"sv,
                               "\033[<0;12;7M"sv,
                               "\033[M !!"sv,
                               "\033[201~"sv,
                               "\033[x"sv,
                               "\033[ q"sv,
                               "\033Oz"sv,
                               "\033[[Z"sv,
                               "\033[57441u"sv,
                               "\033[55296u"sv,
                               "\033[133u"sv,
                               "\033[99999999999u"sv,
                               "\033]11;rgb:0000/0000/0000\033\\"sv,
                               "\033]11;rgb:0/0/0\a"sv,
                               "\033P>|XTerm(372)\033\\"sv,
                               "\033_Gi=1;OK\033\\"sv,
                               "\033^x\033\\"sv,
                               "\033Xx\033\\"sv,
                               "\033]x\x18"sv,
                               "\033]日本\033\\"sv}) {
        EXPECT_THAT(decoded("<" + std::string(unknown) + ">"), ElementsAre(typed("<"), typed(">")))
            << ::testing::PrintToString(unknown);
    }
}

TEST(KeyDecoder, DropsWhatIsNoText) {
    EXPECT_THAT(decoded("a\xFF\x80\x9B\xC0\xAF"
                        "b"),
                ElementsAre(typed("a"), typed("b")));
    EXPECT_THAT(decoded("a\xC2\x9B"
                        "b"),
                ElementsAre(typed("a"), typed("b")));
    EXPECT_THAT(decoded("\xE2\x80\xA8\xED\xA0\x80\xF4\x90\x80\x80"
                        "b"),
                ElementsAre(typed("b")));
    EXPECT_THAT(decoded("\xF0\x9F\x98"
                        "b\xE6\xE6\x97\xA5"),
                ElementsAre(typed("b"), typed("日")));
}

TEST(KeyDecoder, LosesOnlyWhatWasDamaged) {
    EXPECT_THAT(decoded("\033[1;\r"), ElementsAre(key(Kind::Enter)));
    EXPECT_THAT(decoded("\033[1;\033[A"), ElementsAre(key(Kind::Up)));
    EXPECT_THAT(decoded("\033[1;é"), ElementsAre(typed("é")));
    EXPECT_THAT(decoded("\033O\x7F"), ElementsAre(key(Kind::Backspace)));
    EXPECT_THAT(decoded("\033[[\033[B"), ElementsAre(key(Kind::Down)));
    EXPECT_THAT(decoded("\033[M\r"), ElementsAre(key(Kind::Enter)));
    EXPECT_THAT(decoded("\033]11;\033[A"), ElementsAre(key(Kind::Up)));
    EXPECT_THAT(decoded("\033\xFF"
                        "a"),
                ElementsAre(typed("a")));
}

TEST(KeyDecoder, FindsOutOfEndlessSequences) {
    const std::string parameters(1'000'000, '1');
    EXPECT_THAT(decoded("\033[1;5" + parameters + "Dx"), ElementsAre(typed("x")));
    EXPECT_THAT(decoded("\033[13" + parameters + "ux"), ElementsAre(typed("x")));
    const Keys keys = decoded("\033]" + std::string(5'000, 'a'));
    EXPECT_LT(keys.size(), 1'000u);
    EXPECT_FALSE(keys.empty());
}

TEST(KeyDecoder, KeepsAPasteTogether) {
    EXPECT_THAT(decoded("\033[200~two\r\nlines\033[201~x"),
                ElementsAre(pasted("two\r\nlines"), typed("x")));
    EXPECT_THAT(decoded("\033[200~\033[201~"), ElementsAre(pasted("")));
    EXPECT_THAT(decoded("\033[200~a\xFF\0\x9B\033"sv), IsEmpty());
    EXPECT_THAT(decoded("\033[200~a\xFF\0\x9B\033\033[201~"sv),
                ElementsAre(pasted("a\xFF\0\x9B\033"sv)));
}

TEST(KeyDecoder, SeesNothingButTheEndInAPaste) {
    EXPECT_THAT(decoded("\033[200~\033[A\033[200~\033]x\033[20\033[201\033[201~"),
                ElementsAre(pasted("\033[A\033[200~\033]x\033[20\033[201")));
}

TEST(KeyDecoder, DropsAPasteThatIsTooLongAsAWhole) {
    const std::string most(KeyDecoder::kPasteBytesMax, 'x');
    EXPECT_THAT(decoded("\033[200~" + most + "\033[201~").front(), pasted(most));
    EXPECT_THAT(decoded("\033[200~" + most + "x\033[201~y\033[200~z\033[201~"),
                ElementsAre(key(Kind::PasteTooLong), typed("y"), pasted("z")));
}

TEST(KeyDecoder, EndsAPasteWhoseEndWasLost) {
    KeyDecoder decoder;
    Keys keys;
    decoder.feed("\033[200~lost\033[2", keys);
    EXPECT_TRUE(decoder.pasting());
    EXPECT_THAT(keys, IsEmpty());
    decoder.endPaste(keys);
    EXPECT_FALSE(decoder.pasting());
    decoder.feed("a\033[A", keys);
    EXPECT_THAT(keys, ElementsAre(pasted("lost"), typed("a"), key(Kind::Up)));
    keys.clear();
    decoder.endPaste(keys);
    EXPECT_THAT(keys, IsEmpty()) << "there is none";
}

TEST(KeyDecoder, KnowsTheMousesWheel) {
    const Key up = key(Kind::WheelUp), down = key(Kind::WheelDown);
    EXPECT_THAT(decoded("\033[<64;10;5M\033[<65;10;5M"), ElementsAre(up, down));
    EXPECT_THAT(decoded("\033[<68;10;5M\033[<81;10;5M"), ElementsAre(up, down)) << "modifiers";
    EXPECT_THAT(decoded("\033[M`*%\033[Ma\xFF\xFE"), ElementsAre(up, down)) << "X10's way";
    for (const auto other : {"\033[<0;1;1M"sv, "\033[<0;1;1m"sv, "\033[<64;1;1m"sv,
                             "\033[<66;1;1M"sv, "\033[<64;1M"sv, "\033[<;;M"sv, "\033[<64;1;1;1M"sv,
                             "\033[<M"sv, "\033[<64:1;1;1X"sv, "\033[M !!"sv, "\033[Mb!!"sv}) {
        EXPECT_THAT(decoded(other), IsEmpty()) << other;
    }
}

TEST(PasteWatch, EndsAPasteAfterSilence) {
    PasteWatch watch;
    watch.came(3, false, 1'000);
    EXPECT_FALSE(watch.endAtMs());
    watch.came(100, true, 2'000);
    EXPECT_EQ(watch.endAtMs(), 3'000);
    watch.came(100, true, 2'900);
    EXPECT_EQ(watch.endAtMs(), 3'900);
    watch.came(100, false, 3'000);
    EXPECT_FALSE(watch.endAtMs());
}

TEST(PasteWatch, EndsAPasteThatAPersonTypesInto) {
    PasteWatch watch;
    watch.came(6, true, 0);
    for (int64_t ms = 500; ms < 10'000; ms += 500) watch.came(1, true, ms);
    EXPECT_EQ(watch.endAtMs(), 10'000);
}

TEST(PasteWatch, LetsALongPasteComeOverASlowLine) {
    PasteWatch watch;
    for (int64_t ms = 0; ms <= 60'000; ms += 500) {
        watch.came(1'400, true, ms);
        EXPECT_EQ(watch.endAtMs(), ms + 1'000);
    }
}

TEST(KeyDecoder, WaitsForWhatMayFollow) {
    KeyDecoder decoder;
    Keys keys;
    const auto undecidedAfter = [&](std::string_view bytes) {
        decoder.feed(bytes, keys);
        return decoder.undecided();
    };
    EXPECT_FALSE(decoder.undecided());
    EXPECT_FALSE(undecidedAfter("a"));
    EXPECT_TRUE(undecidedAfter("\033"));
    EXPECT_TRUE(undecidedAfter("["));
    EXPECT_FALSE(undecidedAfter("A"));
    EXPECT_TRUE(undecidedAfter("\033]0;"));
    EXPECT_FALSE(undecidedAfter("\a"));
    EXPECT_FALSE(undecidedAfter("\033[200~\033[20"));
    EXPECT_FALSE(undecidedAfter("\033[201~\xE6"));
}

TEST(KeyDecoder, DecidesWhenNothingFollowed) {
    EXPECT_THAT(decodedAfterAWait("\033"), ElementsAre(key(Kind::Escape)));
    EXPECT_THAT(decodedAfterAWait("\033\033"), ElementsAre(key(Kind::Escape), key(Kind::Escape)));
    EXPECT_THAT(decodedAfterAWait("\033["), ElementsAre(meta("[")));
    EXPECT_THAT(decodedAfterAWait("\033O"), ElementsAre(meta("O")));
    EXPECT_THAT(decodedAfterAWait("\033]"), ElementsAre(meta("]")));
    EXPECT_THAT(decodedAfterAWait("\033X"), ElementsAre(meta("X")));
    EXPECT_THAT(decodedAfterAWait("\033\033["), ElementsAre(key(Kind::Escape), meta("[")));
    for (const auto beginning : {"\033[1;"sv, "\033O5"sv, "\033[["sv, "\033[M"sv, "\033]0;x"sv,
                                 "\033P\033"sv, "\033[200~\033[20"sv, "\xE6\x97"sv}) {
        EXPECT_THAT(decodedAfterAWait(beginning), IsEmpty()) << beginning;
    }
}

TEST(KeyDecoder, GoesOnAfterAWait) {
    KeyDecoder decoder;
    Keys keys;
    for (const auto bytes : {"\033"sv, "[A"sv, "\033[1;"sv, "x"sv, "\xE6"sv, "\x97\xA5"sv,
                             "\033[200~a"sv, "b\033[2"sv, "01~"sv}) {
        decoder.feed(bytes, keys);
        decoder.flush(keys);
    }
    EXPECT_THAT(keys, ElementsAre(key(Kind::Escape), typed("["), typed("A"), typed("x"),
                                  typed("日"), pasted("ab")));
}

TEST(KeyDecoder, TellsAnEscapeFromWhatComesBehindIt) {
    const Key escape = key(Kind::Escape);
    EXPECT_THAT(decoded("\033\033x"), ElementsAre(escape, meta("x")));
    EXPECT_THAT(decoded("\033\033\033[A"), ElementsAre(escape, withMeta(key(Kind::Up))));
    EXPECT_THAT(decoded("\033\033[I"), ElementsAre(escape, key(Kind::FocusIn)));
    EXPECT_THAT(decoded("\033\033[?1;2c"), ElementsAre(escape));
    EXPECT_THAT(decoded("\033\033]0;x\a"), ElementsAre(escape));
    EXPECT_THAT(decoded("\033\033[200~x\033[201~"), ElementsAre(escape, pasted("x")));
}

// Bytes of a keyboard, of terminals that answer, and of nobody.
std::string randomInput(std::mt19937& random, size_t pieces) {
    // clang-format off
    static constexpr std::string_view kPieces[] = {
        "a", "é", "日", "😀", "\x01", "\r", "\n", "\t", "\x7F", "\0"sv, "\033", "\033[", "\033O",
        "\033b", "\033é", "\033\r", "\033\033[A", "\033[A", "\033[1;5D", "\033[3~", "\033[7$",
        "\033[[A", "\033OP", "\033Oa", "\033[M", "\033[27;5;13~", "\033[97;5u", "\033[I",
        "\033[O", "\033[?1;2c", "\033]0;title\a", "\033]11;x\033\\", "\033P>|x\033\\", "\033_",
        "\033[200~pasted\r\n\033[A\033[201~", "\033[200~\033[201\033[201~", "\033[200~",
        "\033[201~", "\xFF", "\x9B", "\xC2", "\xF0\x9F", "\xC2\x9B", "1", ";", "~", "[", "O",
        "\\"};
    // clang-format on
    std::uniform_int_distribution<size_t> any(0, std::size(kPieces) - 1);
    std::string input;
    for (size_t i = 0; i < pieces; ++i) input += kPieces[any(random)];
    // A paste or string that is still open ends, so that all of it is compared.
    return input + "\033[201~\033\\x";
}

Keys decodedInPieces(std::string_view bytes, size_t pieceBytes) {
    KeyDecoder decoder;
    Keys keys;
    for (; !bytes.empty(); bytes.remove_prefix(std::min(pieceBytes, bytes.size()))) {
        decoder.feed(bytes.substr(0, pieceBytes), keys);
    }
    return keys;
}

Keys decodedInTwo(std::string_view bytes, size_t cut) {
    KeyDecoder decoder;
    Keys keys;
    decoder.feed(bytes.substr(0, cut), keys);
    decoder.feed(bytes.substr(cut), keys);
    return keys;
}

TEST(KeyDecoder, GivesTheSameKeysHoweverTheirBytesAreCut) {
    for (unsigned seed = 1; seed <= 20; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(seed);
        const std::string input = randomInput(random, 80);
        const Keys whole = decoded(input);
        ASSERT_FALSE(whole.empty());
        for (size_t bytes = 1; bytes <= 7; ++bytes) ASSERT_EQ(decodedInPieces(input, bytes), whole);
        for (size_t cut = 0; cut <= input.size(); ++cut) {
            ASSERT_EQ(decodedInTwo(input, cut), whole) << "cut at " << cut;
        }
    }
}

bool isSound(const Key& key) {
    const bool hasText = key.kind == Kind::Char || key.kind == Kind::Paste;
    const bool hasNumber = key.kind == Kind::Function;
    return hasText == !key.text.empty() && hasNumber == (key.number >= 1 && key.number <= 12);
}

TEST(KeyDecoder, GivesSoundKeysOfAnyBytesAndRecovers) {
    for (unsigned seed = 1; seed <= 200; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(seed);
        std::uniform_int_distribution<int> any(0, 255), some(0, 9);
        KeyDecoder decoder;
        Keys keys;
        for (int i = 0; i < 500; ++i) {
            const int kind = some(random);
            const auto byte = static_cast<char>(kind < 2 ? 0x1B : kind < 4 ? '[' : any(random));
            decoder.feed({&byte, 1}, keys);
            if (some(random) == 0) decoder.flush(keys);
        }
        for (const Key& key : keys) ASSERT_TRUE(isSound(key)) << ::testing::PrintToString(key);
        decoder.flush(keys);
        keys.clear();
        decoder.feed("x", keys);
        ASSERT_THAT(keys, ElementsAre(typed("x")));
    }
}

}  // namespace
}  // namespace netchat::connect
