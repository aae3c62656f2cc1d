#include "modes/connect/screen/input/completion.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "protocol/utf8.h"

namespace netchat::connect {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Strings = std::vector<std::string>;

struct FakeWords : Completion::Words {
    Strings nicks() const override { return nicks_; }
    Strings commands() const override { return commands_; }
    Strings rooms() const override { return rooms_; }
    Strings files() const override { return files_; }
    Strings paths(std::string_view folder) const override {
        const auto found = folders_.find(std::string(folder));
        return found == folders_.end() ? Strings() : found->second;
    }

    Strings nicks_ = {"bob", "alice", "alfred", "Ärger", "日本"};
    Strings settings() const override { return {"nick", "bell", "joins", "color.bar"}; }

    Strings commands_ = {"help",  "upload", "get",        "preview", "cancel",
                         "who",   "msg",    "mute",       "unmute",  "join",
                         "leave", "ignore", "close-room", "nick",    "kick"};
    Strings rooms_ = {"lobby", "dev", "games"};
    Strings files_ = {"photo of us.jpg", "notes.txt", "photo.png"};
    std::map<std::string, Strings> folders_ = {
        {"", {"docs/", "my file.txt", "notes.txt", ".hidden", ".config/", "Music/", "music.txt"}},
        {"docs/", {"a b/", "plan.txt"}},
        {"docs/a b/", {"c.txt"}},
        {"~/", {"pictures/", "todo"}},
        {"../", {"sibling/"}},
        {"/", {"etc/", "tmp/"}},
        {"odd/", {" leading", "trailing "}},
        {"quoted/", {"\"q\""}},
        {"bad/", {"a\nb", "a\xFF", "a\x1B[31m", "good"}},
    };
};

// Somebody with a text and a cursor ("|") who presses Tab.
class CompletingPerson {
  public:
    explicit CompletingPerson(std::string_view text) { have(text); }

    void have(std::string_view text) {
        cursor_ = text.find('|');
        text_ = text;
        text_.erase(cursor_, 1);
    }
    // False: nothing fits.
    bool tab(bool backwards = false) {
        const auto edit = completion.tab(text_, cursor_, backwards, words);
        if (!edit) return false;
        text_.replace(edit->begin, edit->end - edit->begin, edit->with);
        cursor_ = edit->begin + edit->with.size();
        return true;
    }
    bool shiftTab() { return tab(true); }
    std::string sees() const {
        std::string text = text_;
        return text.insert(cursor_, "|");
    }
    std::string after(int tabs) {
        for (int i = 0; i < tabs; ++i) tab();
        return sees();
    }

    Completion completion;
    FakeWords words;

  private:
    std::string text_;
    size_t cursor_ = 0;
};

struct CompletionStory {
    std::string_view before, after;
};

void expectCompletions(const std::vector<CompletionStory>& stories) {
    for (const auto& [before, after] : stories) {
        CompletingPerson person(before);
        EXPECT_EQ(person.tab(), before != after) << before;
        EXPECT_EQ(person.sees(), after) << before;
    }
}

TEST(Completion, KnowsTheCommandsOfIrc) {
    expectCompletions({{"/jo|", "/join |"},
                       {"/quer|", "/query |"},
                       {"/part de|", "/part dev |"},
                       {"!quer|", "!quer|"},
                       {"//jo|", "//jo|"},
                       {"/etc/pas|", "/etc/pas|"}});
    CompletingPerson person("/msg al|");
    EXPECT_EQ(person.after(1), "/msg alice |");
    EXPECT_EQ(person.after(1), "/msg alfred |");
}

TEST(Completion, KnowsSettingsAndQuietRooms) {
    expectCompletions({{"!set be|", "!set bell |"},
                       {"!unset joi|", "!unset joins |"},
                       {"!set color|", "!set color.bar |"},
                       {"/set be|", "/set bell |"},
                       {"!quiet ga|", "!quiet games |"},
                       {"!room lo|", "!room lobby |"}});
}

TEST(Completion, NeedsNoAccents) {
    CompletingPerson person("em|");
    person.words.nicks_ = {"émile", "Ärger", "ёжик"};
    EXPECT_EQ(person.after(1), "émile: |");
    person.have("arg|");
    EXPECT_EQ(person.after(1), "Ärger: |");
    person.have("еж|");
    EXPECT_EQ(person.after(1), "ёжик: |");
    person.have("é|");
    EXPECT_EQ(person.after(1), "émile: |");
    person.have("em|");
    person.words.nicks_ = {"émile", "emma"};
    EXPECT_EQ(person.after(1), "emma: |") << "as it was typed";
}

TEST(Completion, AddressesANickAtTheBeginning) {
    expectCompletions({{"bo|", "bob: |"},
                       {"bob|", "bob: |"},
                       {"BO|", "bob: |"},
                       {"är|", "Ärger: |"},
                       {"日|", "日本: |"},
                       {"x|", "x|"}});
}

TEST(Completion, NamesANickInAText) {
    expectCompletions({{"say bo|", "say bob |"},
                       {"say\nbo|", "say\nbob |"},
                       {"a　bo|", "a　bob |"},
                       {" bo|", " bob |"},
                       {"@bo|", "@bob |"},
                       {"say @BO|", "say @bob |"},
                       {"say |", "say |"},
                       {"bob: |", "bob: |"}});
}

TEST(Completion, KeepsWhatFollowsTheCursor) {
    expectCompletions({{"bo|hello", "bob: |hello"},
                       {"bo| hello", "bob:| hello"},
                       {"bo|: hello", "bob|: hello"},
                       {"say bo|hello", "say bob |hello"},
                       {"say bo|, hello", "say bob|, hello"},
                       {"say bo| hello", "say bob| hello"},
                       {"!up| x", "!upload| x"},
                       {"!join ga| x", "!join games| x"}});
}

TEST(Completion, CompletesAsFarAsAllAgreeAndThenOffersOneAfterTheOther) {
    CompletingPerson person("a|");
    EXPECT_TRUE(person.tab());
    EXPECT_EQ(person.sees(), "al|");
    EXPECT_THAT(person.completion.candidates(), ElementsAre("alice", "alfred"));
    EXPECT_EQ(person.completion.chosen(), std::nullopt);
    for (const size_t chosen : {0u, 1u, 0u}) {
        EXPECT_TRUE(person.tab());
        EXPECT_EQ(person.sees(), chosen == 0 ? "alice: |" : "alfred: |");
        EXPECT_EQ(person.completion.chosen(), chosen);
    }
    EXPECT_TRUE(person.shiftTab());
    EXPECT_EQ(person.sees(), "alfred: |");
}

TEST(Completion, OffersTheFirstWhereAllAgreeAlready) {
    EXPECT_EQ(CompletingPerson("AL|").after(1), "alice: |");
    EXPECT_EQ(CompletingPerson("say al| x").after(2), "say alfred| x");
    CompletingPerson person("al|");
    EXPECT_TRUE(person.shiftTab());
    EXPECT_EQ(person.sees(), "alfred: |");
}

TEST(Completion, OffersEveryNickWhereNothingIsTyped) {
    EXPECT_EQ(CompletingPerson("|").after(1), "bob: |");
    EXPECT_EQ(CompletingPerson("|").after(2), "alice: |");
    EXPECT_EQ(CompletingPerson("|hello").after(1), "bob: |hello");
    EXPECT_EQ(CompletingPerson("@|").after(2), "@alice |");
}

TEST(Completion, BeginsAnewAfterAnyOtherKey) {
    CompletingPerson person("al|");
    person.tab();
    person.completion.reset();
    EXPECT_THAT(person.completion.candidates(), IsEmpty());
    EXPECT_EQ(person.completion.chosen(), std::nullopt);
    EXPECT_FALSE(person.tab());
    EXPECT_EQ(person.sees(), "alice: |");
}

TEST(Completion, BeginsAnewInAnotherText) {
    CompletingPerson person("al|");
    person.tab();
    person.have("bo|");
    EXPECT_TRUE(person.tab());
    EXPECT_EQ(person.sees(), "bob: |");
    person.have("al|");
    person.tab();
    person.have("alice|: ");
    EXPECT_FALSE(person.tab());
}

TEST(Completion, ForgetsItsCandidatesWhereNothingFits) {
    CompletingPerson person("al|");
    person.tab();
    person.have("x|");
    EXPECT_FALSE(person.tab());
    EXPECT_THAT(person.completion.candidates(), IsEmpty());
}

TEST(Completion, CompletesCommands) {
    expectCompletions({{"!up|", "!upload |"},
                       {"!UP|", "!upload |"},
                       {"!w|", "!who |"},
                       {"!who|", "!who |"},
                       {"!x|", "!x|"},
                       {"!!up|", "!!up|"},
                       {" !up|", " !up|"},
                       {"|!up", "|!up"}});
    EXPECT_EQ(CompletingPerson("!m|").after(2), "!mute |");
    EXPECT_EQ(CompletingPerson("!|").after(1), "!help |");
}

TEST(Completion, GoesOnFromACommandToItsArgument) {
    EXPECT_EQ(CompletingPerson("!jo|").after(2), "!join lobby |");
    EXPECT_EQ(CompletingPerson("!up|").after(2), "!upload docs/|");
    CompletingPerson person("!msg bo|");
    EXPECT_EQ(person.after(1), "!msg bob |");
    EXPECT_FALSE(person.tab());
}

TEST(Completion, CompletesRooms) {
    for (const char* command : {"!join", "!leave", "!who", "!close-room", "!open-room"}) {
        const std::string begin = std::string(command) + " ";
        expectCompletions({{begin + "d|", begin + "dev |"}, {begin + " GA|", begin + " games |"}});
    }
    EXPECT_EQ(CompletingPerson("!close-room dev bo|").after(1), "!close-room dev bob |");
}

TEST(Completion, CompletesNicksOfCommands) {
    for (const char* command :
         {"!msg", "!kick", "!ban", "!mute", "!unmute", "!ignore", "!unignore", "!nick", "!other"}) {
        const std::string begin = std::string(command) + " ";
        expectCompletions({{begin + "bo|", begin + "bob |"}});
    }
    EXPECT_EQ(CompletingPerson("!msg |").after(1), "!msg bob |");
    EXPECT_EQ(CompletingPerson("!msg bob hi al|").after(1), "!msg bob hi alice |");
    EXPECT_FALSE(CompletingPerson("!msg @bo|").tab());
    CompletingPerson person("!ignore john d|");
    person.words.nicks_ = {"john doe"};
    EXPECT_EQ(person.after(1), "!ignore john doe |");
}

TEST(Completion, CompletesFiles) {
    for (const char* command : {"!get", "!preview", "!cancel"}) {
        const std::string begin = std::string(command) + " ";
        expectCompletions({{begin + "no|", begin + "notes.txt|"},
                           {begin + "notes.txt|", begin + "notes.txt|"},
                           {begin + "ph|", begin + "photo|"},
                           {begin + "PHOTO OF|", begin + "photo of us.jpg|"},
                           {begin + "\"photo o|", begin + "\"photo of us.jpg\"|"}});
    }
    EXPECT_EQ(CompletingPerson("!get ph|").after(3), "!get photo.png|");
}

TEST(Completion, CompletesPaths) {
    expectCompletions({{"!upload no|", "!upload notes.txt|"},
                       {"!upload my|", "!upload my file.txt|"},
                       {"!upload my f|", "!upload my file.txt|"},
                       {"!upload  do|", "!upload  docs/|"},
                       {"!upload docs/a|", "!upload docs/a b/|"},
                       {"!upload docs/a b/|", "!upload docs/a b/c.txt|"},
                       {"!upload ~/p|", "!upload ~/pictures/|"},
                       {"!upload ~|", "!upload ~/|"},
                       {"!upload /e|", "!upload /etc/|"},
                       {"!upload ..|", "!upload ../|"},
                       {"!upload ../s|", "!upload ../sibling/|"},
                       {"!upload nowhere/|", "!upload nowhere/|"},
                       {"!upload no|.bak", "!upload notes.txt|.bak"}});
}

TEST(Completion, GoesDownIntoFolders) {
    CompletingPerson person("!upload do|");
    EXPECT_EQ(person.after(1), "!upload docs/|");
    EXPECT_EQ(person.after(1), "!upload docs/a b/|");
    EXPECT_EQ(person.after(1), "!upload docs/plan.txt|");
    person.have("!upload docs/a b/|");
    EXPECT_EQ(person.after(1), "!upload docs/a b/c.txt|");
    EXPECT_FALSE(person.tab());
}

TEST(Completion, OffersHiddenEntriesOnlyForADot) {
    CompletingPerson person("!upload |");
    person.tab();
    EXPECT_THAT(person.completion.candidates(),
                ElementsAre("docs/", "my file.txt", "notes.txt", "Music/", "music.txt"));
    person.have("!upload .|");
    person.tab();
    EXPECT_THAT(person.completion.candidates(), ElementsAre(".hidden", ".config/"));
}

TEST(Completion, PrefersPathsInTheTypedCase) {
    expectCompletions({{"!upload mus|", "!upload music.txt|"},
                       {"!upload Mus|", "!upload Music/|"},
                       {"!upload NOT|", "!upload notes.txt|"}});
    EXPECT_EQ(CompletingPerson("!upload MU|").after(2), "!upload music.txt|");
}

TEST(Completion, KeepsPathsInTheirQuotes) {
    expectCompletions({{"!upload \"my|", "!upload \"my file.txt\"|"},
                       {"!upload 'my|", "!upload 'my file.txt'|"},
                       {"!upload \"my|\"", "!upload \"my file.txt|\""},
                       {"!upload \"do|", "!upload \"docs/|"},
                       {"!upload \"docs/pl|", "!upload \"docs/plan.txt\"|"},
                       {"!upload \"my file.txt\"|", "!upload \"my file.txt\"|"}});
}

TEST(Completion, PutsIntoQuotesWhatWouldLoseSomethingWithoutThem) {
    expectCompletions({{"!upload odd/t|", "!upload \"odd/trailing \"|"},
                       {"!upload quoted/|", "!upload quoted/\"q\"|"}});
    CompletingPerson person("!upload |");
    person.words.folders_[""] = {" one/", " onerous"};
    EXPECT_EQ(person.after(1), "!upload \" one|");
    EXPECT_EQ(person.after(1), "!upload \" one/|");
    EXPECT_EQ(person.after(1), "!upload \" onerous\"|");
    person.words.folders_[""] = {"\"q\""};
    person.have("!upload |");
    EXPECT_EQ(person.after(1), "!upload \"\"q\"\"|");
}

TEST(Completion, NeverOffersWhatCannotBeTyped) {
    CompletingPerson person("!upload bad/|");
    person.tab();
    EXPECT_EQ(person.sees(), "!upload bad/good|");
}

TEST(Completion, CutsNoCodePointWhereWordsPart) {
    CompletingPerson person("!upload |");
    person.words.folders_[""] = {"aé", "aè"};
    EXPECT_EQ(person.after(1), "!upload a|");
    person.words.nicks_ = {"xé", "xè"};
    person.have("x|");
    EXPECT_EQ(person.after(1), "xé: |");
}

TEST(Completion, AsksForWordsOnlyWhenTheyAreNeeded) {
    struct Counting : FakeWords {
        Strings nicks() const override {
            ++asked;
            return nicks_;
        }
        mutable int asked = 0;
    } words;
    Completion completion;
    completion.tab("say ", 4, false, words);
    completion.tab("!jo", 3, false, words);
    EXPECT_EQ(words.asked, 0);
    completion.tab("al", 2, false, words);
    completion.tab("alice: ", 7, false, words);
    EXPECT_EQ(words.asked, 1);
}

TEST(Completion, EditsSoundlyWhateverTheTextAndTheCursor) {
    static constexpr std::string_view kPieces[] = {
        "!",  "!upload ", "!get ", "!msg ", "!join ", "!ignore ", "a", "al", "@",
        " ",  "  ",       "\t",    "\n",    "\"",     "'",        "~", "/",  ".",
        "..", "docs/",    "my f",  "é",     "日",     "BO",       ":", ","};
    std::uniform_int_distribution<size_t> any(0, std::size(kPieces) - 1), count(0, 6);
    for (unsigned seed = 1; seed <= 3000; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        std::mt19937 random(seed);
        std::string before, after;
        for (size_t i = count(random); i > 0; --i) before += kPieces[any(random)];
        for (size_t i = count(random) / 3; i > 0; --i) after += kPieces[any(random)];
        CompletingPerson person(before + "|" + after);
        for (int i = 0; i < 5; ++i) {
            const bool done = person.tab(random() % 3 == 0);
            const std::string sees = person.sees();
            ASSERT_TRUE(utf8::isValid(sees)) << before << "|" << after;
            ASSERT_TRUE(sees.ends_with("|" + after)) << before << "|" << after << " " << sees;
            ASSERT_EQ(done, !person.completion.candidates().empty());
        }
    }
}

}  // namespace
}  // namespace netchat::connect
