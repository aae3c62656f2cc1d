#include "protocol/names.h"

#include <gmock/gmock.h>

#include "protocol/limits.h"
#include "protocol/utf8.h"
#include "tests/protocol/random_bytes.h"

namespace netchat {
namespace {

using namespace std::string_view_literals;

std::string repeated(std::string_view text, size_t times) {
    std::string out;
    for (size_t i = 0; i < times; ++i) out += text;
    return out;
}

// ---- nicks, rooms, ids, hashes

TEST(Nick, IsVisibleTextWithoutSpaces) {
    for (const auto nick : {"a"sv, "alice"sv, "Алиса"sv, "世界"sv, "a:b"sv, "<x>"sv, "😀"sv}) {
        EXPECT_TRUE(checkNick(nick)) << nick;
        EXPECT_TRUE(checkRoom(nick)) << nick;
    }
    for (const auto nick : {""sv, "a b"sv, "a\tb"sv, "a\nb"sv, "a\0b"sv, "\x1B[0m"sv, "a\u00A0b"sv,
                            "a\u200Bb"sv, "a\u202Eb"sv, "\xFF"sv, "a\u2028b"sv}) {
        EXPECT_EQ(checkNick(nick).error().code, ErrorCode::BadNick) << nick;
        EXPECT_EQ(checkRoom(nick).error().code, ErrorCode::BadRoom) << nick;
    }
}

TEST(Nick, HasAtMost64CharactersOfAnyScript) {
    for (const auto* letter : {"a", "ж", "世", "😀"}) {
        EXPECT_TRUE(checkNick(repeated(letter, 64))) << letter;
        EXPECT_FALSE(checkNick(repeated(letter, 65))) << letter;
    }
}

TEST(ClassicName, MayHoldSpacesButNoControls) {
    EXPECT_TRUE(checkClassicName("Alice in Chains"));
    EXPECT_TRUE(checkClassicName(repeated("世", 64)));
    for (const auto name : {""sv, "a\nb"sv, "a\x1B"sv, "\xFF"sv}) {
        EXPECT_FALSE(checkClassicName(name)) << name;
    }
    EXPECT_FALSE(checkClassicName(repeated("a", 65)));
}

TEST(Id, IsPrintableAscii) {
    EXPECT_TRUE(checkId("17"));
    EXPECT_TRUE(checkId(std::string(64, '~')));
    for (const auto id : {""sv, "a b"sv, "a\n"sv, "ж"sv, "\x7F"sv}) EXPECT_FALSE(checkId(id)) << id;
    EXPECT_EQ(checkId(std::string(65, '1')).error().code, ErrorCode::BadId);
}

TEST(Sha256, IsSixtyFourLowerCaseHexDigits) {
    EXPECT_TRUE(checkSha256(std::string(64, 'a')));
    for (const auto& hex : {std::string(63, 'a'), std::string(65, 'a'), std::string(64, 'A'),
                            std::string(64, 'g'), std::string()}) {
        EXPECT_EQ(checkSha256(hex).error().code, ErrorCode::BadHash) << hex;
    }
}

// ---- file names

TEST(FileName, CannotLeadOutOfAFolder) {
    for (const auto name : {"photo.jpg"sv, "a"sv, "photo (2).jpg"sv, "отчёт.txt"sv, "a..b"sv,
                            "-rf"sv, "~"sv, "C:x"sv}) {
        EXPECT_TRUE(checkFileName(name)) << name;
    }
    for (const auto name :
         {""sv, "."sv, ".."sv, ".bashrc"sv, "../x"sv, "a/b"sv, "/etc/passwd"sv, "a\\b"sv, "a\0b"sv,
          "a\nb"sv, " a"sv, "a "sv, "a."sv, "\xFF"sv, "gpj.\u202Eexe"sv}) {
        EXPECT_EQ(checkFileName(name).error().code, ErrorCode::BadName) << name;
    }
    EXPECT_TRUE(checkFileName(std::string(255, 'a')));
    EXPECT_FALSE(checkFileName(std::string(256, 'a')));
}

TEST(SafeFileName, KeepsWhatIsSafe) {
    EXPECT_EQ(safeFileName("photo (2).jpg"), "photo (2).jpg");
    EXPECT_EQ(safeFileName("отчёт.txt"), "отчёт.txt");
}

TEST(SafeFileName, ReplacesWhatIsNot) {
    EXPECT_EQ(safeFileName("../../etc/passwd"), "_.._etc_passwd");
    EXPECT_EQ(safeFileName(".bashrc"), "bashrc");
    EXPECT_EQ(safeFileName("a\\b:c\n.txt. "), "a_b:c_.txt");
    EXPECT_EQ(safeFileName(""), "file");
    EXPECT_EQ(safeFileName("..."), "file");
}

TEST(SafeFileName, CutsALongNameBeforeItsExtension) {
    const auto name = safeFileName(repeated("ж", 300) + ".jpg");
    EXPECT_LE(name.size(), 255u);
    EXPECT_TRUE(name.ends_with("ж.jpg"));
}

TEST(SafeFileName, MakesASafeNameOfAnything) {
    forEachSeed(2000, [](Random& random) {
        std::string name = random.oneIn(2) ? random.bytes(random.upTo(600))
                                           : random.meaningfulBytes(random.upTo(9));
        if (random.oneIn(3)) name.insert(random.upTo(name.size()), "../. .");
        const std::string safe = safeFileName(name);
        EXPECT_TRUE(checkFileName(safe)) << safe;
        EXPECT_EQ(safeFileName(safe), safe);
        EXPECT_TRUE(checkFileName(numberedFileName(safe, 2))) << safe;
        EXPECT_TRUE(matchesFileRule(classicFileAnnouncement(name))) << name;
    });
}

TEST(NumberedFileName, PutsTheNumberBeforeTheExtension) {
    EXPECT_EQ(numberedFileName("photo.jpg", 2), "photo (2).jpg");
    EXPECT_EQ(numberedFileName("a.tar.gz", 13), "a.tar (13).gz");
    EXPECT_EQ(numberedFileName("README", 2), "README (2)");
    const auto longest = numberedFileName(std::string(251, 'x') + ".jpg", 2);
    EXPECT_EQ(longest.size(), 255u);
    EXPECT_TRUE(longest.ends_with("x (2).jpg"));
}

// ---- the classic file rule

struct RuleCase {
    std::string_view text;
    bool matches;
};

// The answers are those of Python 3.11's re.match().
TEST(FileRule, AnswersAsPythonDoes) {
    const RuleCase cases[] = {
        {"100%"sv, true},
        {"a%"sv, false},
        {"a%%"sv, true},
        {"a%%%"sv, false},
        {"a %"sv, true},
        {"x.\320\264\320\276\320\272\321\203\320\274%"sv, true},
        {"../x%"sv, true},
        {"a/b%"sv, true},
        {"a.b%\012"sv, true},
        {"a.b%\012\012"sv, false},
        {"\012a.b%"sv, false},
        {"a.b\012%"sv, false},
        {"ab\012%"sv, false},
        {"%"sv, false},
        {""sv, false},
        {"%%"sv, false},
        {"%%%"sv, false},
        {"ab%"sv, true},
        {"ab"sv, false},
        {"ab%c"sv, false},
        {"a.txt%"sv, true},
        {"a b.txt%"sv, false},
        {"a b%"sv, true},
        {"a b c%"sv, false},
        {"\320\276\321\202\321\207\321\221\321\202.txt%"sv, false},
        {"o \321\202\321\207\321\221\321\202%"sv, true},
        {"o\321\202\321\207\321\221\321\202%"sv, true},
        {"o\321\202\321\207\321\221\321\202.txt%"sv, false},
        {"file\314\201%"sv, true},
        {"fi\314\201le%"sv, true},
        {"cafe\314\201%"sv, true},
        {"caf\303\251%"sv, true},
        {"caf\303\251s%"sv, true},
        {"a\314\201b%"sv, true},
        {"a\314\201\314\201%"sv, false},
        {"a\340\244\203%"sv, true},
        {"a!\340\244\203%"sv, false},
        {"a!\331\243%"sv, true},
        {"a!\302\262%"sv, true},
        {"a!\342\205\247%"sv, true},
        {"a!\342\221\240%"sv, true},
        {"a!\343\200\207%"sv, true},
        {"a!\344\270\255\346\226\207%"sv, true},
        {"a!\342\200\277%"sv, false},
        {"a!_%"sv, true},
        {"a!\342\200\213%"sv, false},
        {"a\015%"sv, true},
        {"a\015\012%"sv, false},
        {"a\011%"sv, true},
        {"a\342\200\250%"sv, true},
        {"a\000%"sv, true},
        {"a\000\000%"sv, false},
        {"-rf%"sv, true},
        {"+%"sv, false},
        {"+-%"sv, true},
        {"..%"sv, true},
        {"...%"sv, true},
        {"...%%"sv, true},
        {"_%"sv, false},
        {"__%"sv, true},
        {"a.b.c.tar.gz%"sv, true},
        {"50% of 100%"sv, false},
        {"see 100%"sv, true},
        {"100 %"sv, true},
        {"100%!"sv, false},
        {"100%\012"sv, true},
        {"0%"sv, false},
        {"10%"sv, true},
        {"a+b-c_d.e%"sv, true},
        {"a+b,c%"sv, true},
        {"a+b,c.d%"sv, false},
        {"a\360\237\230\200%"sv, true},
        {"a\360\237\230\200b%"sv, true},
        {"a\360\237\230\200\360\237\230\200%"sv, false},
        {"\360\237\230\200a%"sv, false},
        {"a!\360\220\220\200%"sv, true},
        {"a!\360\235\237\230%"sv, true},
        {"!upload%"sv, false},
        {"name%\015\012"sv, false},
        {"C:\\x%"sv, false},
        {"C:x%"sv, true},
        {"C:x.y%"sv, false},
        {"a~1%"sv, true},
        {"a\?b%"sv, true},
        {"photo (2).jpg%"sv, false},
        {"photo(2%"sv, true},
        {"a.b% "sv, false},
        {"  a.b%"sv, false},
        {"\357\254\201le%"sv, false},
        {"a\357\254\201le%"sv, true},
        {"a\302\252b%"sv, true},
        {"a\302\272%"sv, true},
        {"a!\302\252%"sv, true},
        {"a!\340\270\263%"sv, true},
        {"a!\340\270\264%"sv, false},
    };
    for (const auto& rule : cases) {
        EXPECT_EQ(matchesFileRule(rule.text), rule.matches) << '"' << rule.text << '"';
    }
    EXPECT_TRUE(matchesFileRule(std::string(1 << 20, 'x') + '%'));
}

TEST(ClassicText, NeverMatchesTheFileRule) {
    std::string buffer;
    EXPECT_EQ(classicText("100%", buffer), "100% ");
    EXPECT_EQ(classicText("a.b%\n", buffer), "a.b%\n ");
    EXPECT_EQ(classicText("hello", buffer), "hello");
    EXPECT_EQ(classicText("see 50% of it", buffer), "see 50% of it");
    forEachSeed(5000, [](Random& random) {
        std::string text = utf8::repaired(random.meaningfulBytes(random.upTo(6)));
        if (random.oneIn(2)) text += '%';
        std::string out;
        EXPECT_FALSE(matchesFileRule(classicText(text, out))) << text;
    });
}

// A receiver's Python may know letters that are not assigned yet as this is written.
TEST(ClassicText, TakesNoChanceWithLettersOfTheFuture) {
    std::string buffer;
    const std::string unassigned = "a!\U000323B0%";
    EXPECT_FALSE(matchesFileRule(unassigned));
    EXPECT_EQ(classicText(unassigned, buffer), unassigned + " ");
}

TEST(ClassicFileAnnouncement, MatchesTheRuleAndStaysInTheFolder) {
    EXPECT_EQ(classicFileAnnouncement("photo.jpg"), "photo.jpg%");
    EXPECT_EQ(classicFileAnnouncement("my photo (2).jpg"), "my_photo__2_.jpg%");
    EXPECT_EQ(classicFileAnnouncement("отчёт.txt"), "_____.txt%");
    EXPECT_EQ(classicFileAnnouncement("../../x"), "_.._x%");
    EXPECT_EQ(classicFileAnnouncement("a"), "a_%");
    EXPECT_EQ(classicFileAnnouncement(""), "file%");
}

}  // namespace
}  // namespace netchat
